// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the programs of RabbitMQ are on this machine.
 *
 * @param server its start script: the one of the RabbitMQ project, not a distribution's wrapper
 *     around it, which insists on a user and on folders of its own
 * @param control its {@code rabbitmqctl}, likewise
 * @param epmd Erlang's port mapper
 */
record RabbitMqInstallation(Path server, Path control, Path epmd) {
  private static final Path DEBIAN = Path.of("/usr/lib/rabbitmq");
  private static final String REMEDY =
      "Install it: apt-get install rabbitmq-server (as root or with sudo).";

  /** The one in the given folder, or the one the system's package brought. */
  static RabbitMqInstallation find(@Nullable Path home) {
    Path folder = home == null ? DEBIAN : home.toAbsolutePath();
    for (String scripts : List.of("sbin", "bin")) {
      Path server = folder.resolve(scripts).resolve("rabbitmq-server");
      Path control = folder.resolve(scripts).resolve("rabbitmqctl");
      if (Files.isExecutable(server) && Files.isExecutable(control)) {
        return new RabbitMqInstallation(server, control, Programs.find("epmd", REMEDY));
      }
    }
    throw new ToolMissingException(
        "rabbitmq-server",
        "no sbin/rabbitmq-server and no bin/rabbitmq-server in " + folder,
        home == null ? REMEDY : "Give home(...) the folder that RabbitMQ was unpacked into.",
        null);
  }
}
