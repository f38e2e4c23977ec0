// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the programs of RabbitMQ are on this machine.
 *
 * @param server its start script: the one of the RabbitMQ project, not a distribution's wrapper
 *     around it, which insists on a user and on folders of its own
 * @param control its {@code rabbitmqctl}, likewise
 * @param epmd Erlang's port mapper
 * @param erlang the folder of its own Erlang's programs; null for the one in the PATH
 */
record RabbitMqInstallation(Path server, Path control, Path epmd, @Nullable Path erlang) {
  /** Names the folder of the RabbitMQ to run where the test names none. */
  static final String HOME_VARIABLE = "FABRIC_RABBITMQ_HOME";

  private static final Path DEBIAN = Path.of("/usr/lib/rabbitmq");
  private static final String REMEDY =
      "Install it: apt-get install rabbitmq-server (as root or with sudo).";

  /** The one in the given folder, in that of the environment, or the system package's. */
  static RabbitMqInstallation find(@Nullable Path given) {
    String named = System.getenv(HOME_VARIABLE);
    Path home = given == null && named != null && !named.isEmpty() ? Path.of(named) : given;
    Path folder = home == null ? DEBIAN : home.toAbsolutePath();
    for (String scripts : List.of("sbin", "bin")) {
      Path server = folder.resolve(scripts).resolve("rabbitmq-server");
      Path control = folder.resolve(scripts).resolve("rabbitmqctl");
      if (Files.isExecutable(server) && Files.isExecutable(control)) {
        Path erlang = folder.resolve("erlang").resolve("bin");
        return Files.isDirectory(erlang)
            ? new RabbitMqInstallation(server, control, erlang.resolve("epmd"), erlang)
            : new RabbitMqInstallation(server, control, Programs.find("epmd", REMEDY), null);
      }
    }
    throw new ToolMissingException(
        "rabbitmq-server",
        "no sbin/rabbitmq-server and no bin/rabbitmq-server in " + folder,
        home == null
            ? REMEDY
            : "Give home(...) or " + HOME_VARIABLE + " the folder that RabbitMQ was unpacked into.",
        null);
  }

  /** What its programs need to find their Erlang before any other. */
  Map<String, String> environment() {
    return erlang == null
        ? Map.of()
        : Map.of(
            "PATH",
            erlang + File.pathSeparator + System.getenv().getOrDefault("PATH", "/usr/bin:/bin"));
  }
}
