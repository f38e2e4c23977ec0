// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.samples.contracts.Wire;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The services' own RabbitMQ users, with the rights that the definitions in {@code samples/deploy}
 * give them: what runs here with them runs there.
 */
final class ServiceUsers {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final Map<String, Secret> passwords = new LinkedHashMap<>();

  private ServiceUsers() {
    for (String service :
        List.of(
            Wire.Services.GRAPH_GATEWAY,
            Wire.Services.ANALYSIS_ORCHESTRATOR,
            Wire.Services.MESSAGING_BRIDGE)) {
      passwords.put(service, Secret.of(UUID.randomUUID().toString()));
    }
  }

  /**
   * Makes the users and loads the definitions.
   *
   * @param root the project's folder
   * @param folder where the file with both is written, for this run
   */
  static ServiceUsers load(Path root, Path folder, RabbitMqNode rabbit) {
    ServiceUsers users = new ServiceUsers();
    Path deployed = root.resolve("samples/deploy/base/messaging/10-fabric.json");
    Path file = folder.resolve("rabbitmq-definitions.json");
    try {
      ObjectNode definitions = (ObjectNode) JSON.readTree(Files.readString(deployed));
      users.passwords.forEach(
          (name, password) ->
              definitions
                  .withArray("users")
                  .addObject()
                  .put("name", name)
                  .put("password", password.reveal())
                  .put("tags", ""));
      Files.writeString(file, definitions.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    rabbit.rabbitmqctl("import_definitions", file.toString());
    return users;
  }

  Secret password(String service) {
    Secret password = passwords.get(service);
    if (password == null) {
      throw new IllegalArgumentException("no user " + service + " among " + passwords.keySet());
    }
    return password;
  }
}
