// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import com.trackunit.fabric.core.Secret;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * What one RabbitMQ node is on disk and on the network: its folder with configuration, data, cookie
 * and log, its ports and its user. All of it outlives a restart of the broker.
 */
final class RabbitMqFiles {
  static final String MEMORY_WATERMARK = "0.4";

  /** Small, so that a nearly full disk of a build machine raises no alarm by itself. */
  static final String DISK_LIMIT = "1MB";

  private static final String LOOPBACK_DISTRIBUTION = "-kernel inet_dist_use_interface {127,0,0,1}";

  private final Path folder;
  private final int amqpPort = FreePorts.next();
  private final int epmdPort = FreePorts.next();
  private final int distributionPort = FreePorts.next();
  private final String user = "fabric-" + random(4);
  private final Secret password = Secret.of(random(16));

  private RabbitMqFiles(Path folder) {
    this.folder = folder;
  }

  /** Makes the folder and writes what a broker reads at its start. */
  static RabbitMqFiles create(
      Map<String, String> settings, String advanced, Collection<String> plugins) {
    RabbitMqFiles files = new RabbitMqFiles(Folders.create("fabric-rabbitmq-"));
    try {
      Folders.writePrivately(files.folder.resolve("rabbitmq.conf"), files.configuration(settings));
      Folders.writePrivately(files.folder.resolve("advanced.config"), advanced);
      Folders.writePrivately(files.folder.resolve("rabbitmq-env.conf"), "");
      Folders.writePrivately(
          files.folder.resolve("enabled_plugins"), "[" + String.join(",", plugins) + "].\n");
      Folders.writePrivately(files.folder.resolve(".erlang.cookie"), random(16));
    } catch (RuntimeException e) {
      Folders.deleteTree(files.folder);
      throw e;
    }
    return files;
  }

  Path folder() {
    return folder;
  }

  int amqpPort() {
    return amqpPort;
  }

  String user() {
    return user;
  }

  Secret password() {
    return password;
  }

  /** For the broker and its tools alike; they read nothing of the machine's own configuration. */
  Map<String, String> environment() {
    return Map.ofEntries(
        Map.entry("HOME", folder.toString()),
        Map.entry("LANG", "C.UTF-8"),
        Map.entry("ERL_EPMD_ADDRESS", "127.0.0.1"),
        Map.entry("ERL_EPMD_PORT", String.valueOf(epmdPort)),
        Map.entry("RABBITMQ_NODENAME", "fabric-" + amqpPort + "@localhost"),
        Map.entry("RABBITMQ_DIST_PORT", String.valueOf(distributionPort)),
        Map.entry("RABBITMQ_CONF_ENV_FILE", folder.resolve("rabbitmq-env.conf").toString()),
        Map.entry("RABBITMQ_CONFIG_FILE", folder.resolve("rabbitmq.conf").toString()),
        Map.entry("RABBITMQ_CONFIG_FILES", folder.resolve("conf.d").toString()),
        Map.entry("RABBITMQ_ADVANCED_CONFIG_FILE", folder.resolve("advanced.config").toString()),
        Map.entry("RABBITMQ_ENABLED_PLUGINS_FILE", folder.resolve("enabled_plugins").toString()),
        Map.entry("RABBITMQ_MNESIA_BASE", folder.resolve("data").toString()),
        Map.entry("RABBITMQ_LOG_BASE", folder.toString()),
        Map.entry("RABBITMQ_LOGS", "-"),
        // The start script becomes the broker instead of waiting for it, so that the process that
        // is signalled is the broker; "-noinput" makes up for what the script then leaves out.
        Map.entry("RABBITMQ_ALLOW_INPUT", "true"),
        Map.entry("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-noinput " + LOOPBACK_DISTRIBUTION),
        Map.entry("RABBITMQ_CTL_ERL_ARGS", LOOPBACK_DISTRIBUTION),
        // Any port: the default range of eleven is shared by everyone on the machine.
        Map.entry("RABBITMQ_CTL_DIST_PORT_MIN", "0"),
        Map.entry("RABBITMQ_CTL_DIST_PORT_MAX", "0"));
  }

  private String configuration(Map<String, String> settings) {
    String ours =
        """
        listeners.tcp.1 = 127.0.0.1:%d
        default_user = %s
        default_pass = %s
        default_user_tags.administrator = true
        vm_memory_high_watermark.relative = %s
        disk_free_limit.absolute = %s
        """
            .formatted(amqpPort, user, password.reveal(), MEMORY_WATERMARK, DISK_LIMIT);
    return settings.entrySet().stream()
        .map(entry -> entry.getKey() + " = " + entry.getValue() + "\n")
        .collect(Collectors.joining("", ours, ""));
  }

  private static String random(int bytes) {
    byte[] random = new byte[bytes];
    new SecureRandom().nextBytes(random);
    return Objects.requireNonNull(HexFormat.of().formatHex(random));
  }

  @Override
  public String toString() {
    return folder.toString();
  }
}
