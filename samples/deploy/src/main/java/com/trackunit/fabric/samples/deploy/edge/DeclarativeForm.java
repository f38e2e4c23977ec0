// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.edge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.trackunit.fabric.samples.deploy.manifest.ManifestException;
import java.util.Set;

/** Reads {@code kong.yml}, which Kong reads itself where it has no database. */
public final class DeclarativeForm {
  private static final Set<String> TOP = Set.of("_format_version", "services");

  private DeclarativeForm() {}

  /**
   * What Kong makes of such a file.
   *
   * @param form what messages call it
   * @param file its content
   * @param certificate the secret that Kong's {@code ssl_cert} comes from
   * @return what Kong does
   * @throws ManifestException if the file has what Kong does not know, or what is not read here
   */
  public static Edge read(String form, JsonNode file, String certificate) {
    file.fieldNames()
        .forEachRemaining(
            field -> {
              if (!TOP.contains(field)) {
                throw new ManifestException(form + ": " + field + ": expected only " + TOP);
              }
            });
    if (!file.path("_format_version").asText().equals("3.0")) {
      throw new ManifestException(form + ": no _format_version \"3.0\", which Kong 3 asks for");
    }
    ArrayNode services = JsonNodeFactory.instance.arrayNode();
    for (JsonNode given : file.path("services")) {
      ObjectNode service = KongDefaults.service(given);
      // A name in the cluster is name.namespace.svc and the cluster's domain.
      String[] host = service.path("host").asText().split("\\.", -1);
      String upstream =
          host.length > 2 && host[2].equals("svc")
              ? host[1] + "/" + host[0]
              : service.path("host").asText();
      service.put("upstream", upstream + ":" + service.path("port").asText());
      service.remove("host");
      service.remove("port");
      services.add(service);
    }
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("certificate", certificate);
    tree.set("services", services);
    return new Edge(form, tree);
  }
}
