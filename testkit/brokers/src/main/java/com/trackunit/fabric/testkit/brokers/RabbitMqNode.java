// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import com.trackunit.fabric.core.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A RabbitMQ broker of one's own: a real {@code rabbitmq-server}, with its own user. It needs no
 * root and works as root; nodes do not see each other.
 *
 * <pre>{@code
 * try (RabbitMqNode rabbit = RabbitMqNode.start()) {
 *   connectTo(rabbit.amqpUri());
 *   rabbit.kill();
 *   rabbit.restart();
 * }
 * }</pre>
 *
 * <p>A {@link #restart} ends all alarms. Threads and lifetime are those of every {@link
 * BrokerNode}.
 */
public final class RabbitMqNode extends BrokerNode {
  private static final String HOST = Loopback.HOST;
  private static final Duration COMMAND_BOUND = Duration.ofSeconds(60);

  private final RabbitMqInstallation installation;
  private final RabbitMqFiles files;

  private RabbitMqNode(
      RabbitMqInstallation installation, RabbitMqFiles files, Duration startTimeout) {
    super(files.folder(), program(installation, files), () -> answers(files), startTimeout);
    this.installation = installation;
    this.files = files;
  }

  /**
   * Starts a node as it comes.
   *
   * @return a node that takes connections
   * @throws ToolMissingException if no rabbitmq-server is installed; says how to install it
   * @throws TestkitException if it does not start; quotes its log
   */
  public static RabbitMqNode start() {
    return builder().start();
  }

  /**
   * Describes a node.
   *
   * @return what starts it
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * The address with user and password: for the program under test, not for a log.
   *
   * @return an AMQP 0-9-1 URI for the virtual host {@code /}; the same over restarts
   */
  public String amqpUri() {
    return "amqp://" + user() + ":" + password().reveal() + "@" + HOST + ":" + port() + "/%2f";
  }

  /**
   * The address it listens on.
   *
   * @return the loopback address
   */
  public String host() {
    return HOST;
  }

  @Override
  public int port() {
    return files.amqpPort();
  }

  /**
   * The only user, an administrator with all rights; there is no {@code guest}.
   *
   * @return a generated name
   */
  public String user() {
    return files.user();
  }

  /**
   * The password of {@link #user}.
   *
   * @return a generated password of letters and digits
   */
  public Secret password() {
    return files.password();
  }

  /**
   * Raises or clears the memory alarm: while it is on, the broker blocks connections that publish.
   *
   * @param on true to raise it
   * @throws TestkitException if the broker does not obey
   */
  public void memoryAlarm(boolean on) {
    rabbitmqctl("set_vm_memory_high_watermark", on ? "0" : RabbitMqFiles.MEMORY_WATERMARK);
  }

  /**
   * Raises or clears the disk alarm: while it is on, the broker blocks connections that publish.
   *
   * @param on true to raise it
   * @throws TestkitException if the broker does not obey
   */
  public void diskAlarm(boolean on) {
    String moreThanAnyDiskHas = String.valueOf(1L << 60);
    rabbitmqctl("set_disk_free_limit", on ? moreThanAnyDiskHas : RabbitMqFiles.DISK_LIMIT);
  }

  /**
   * Closes all connections as an operator does: the clients see {@code CONNECTION_FORCED} (320).
   *
   * @param reason what the clients are told
   * @throws TestkitException if the broker does not obey
   */
  public void closeConnections(String reason) {
    rabbitmqctl("close_all_connections", Objects.requireNonNull(reason, "reason"));
  }

  /**
   * Runs the broker's own command line tool on this node; it takes about two seconds.
   *
   * @param arguments a command and its arguments, such as {@code list_queues}
   * @return what it printed
   * @throws TestkitException if it fails or takes longer than a minute; says what it printed
   */
  public String rabbitmqctl(String... arguments) {
    List<String> command = new ArrayList<>(List.of(installation.control().toString(), "--quiet"));
    command.addAll(List.of(arguments));
    return Command.run(
        GuardedProcess.builder(command)
            .name("rabbitmqctl " + String.join(" ", arguments))
            .inheritEnvironment(false)
            .environment(files.environment())
            .environment(installation.environment())
            .workingDirectory(dataFolder()),
        dataFolder(),
        COMMAND_BOUND);
  }

  @Override
  public String toString() {
    return "RabbitMQ at " + HOST + ":" + port();
  }

  private static GuardedProcess.Builder program(
      RabbitMqInstallation installation, RabbitMqFiles files) {
    // Erlang's port mapper would become a daemon of the machine; as a child of the broker, in the
    // same guarded tree, it goes when the broker goes.
    return GuardedProcess.builder(
            "sh",
            "-c",
            "\"$0\" & exec \"$1\"",
            installation.epmd().toString(),
            installation.server().toString())
        .name("rabbitmq-server at port " + files.amqpPort())
        .environment(files.environment())
        .environment(installation.environment());
  }

  private static boolean answers(RabbitMqFiles files) {
    return AmqpProbe.letsIn(Loopback.at(files.amqpPort()), files.user(), files.password());
  }

  /** The options of a {@link RabbitMqNode}. Not thread-safe. */
  public static final class Builder {
    private @Nullable Path home;
    private Duration startTimeout = Duration.ofSeconds(90);
    private final Map<String, String> settings = new LinkedHashMap<>();
    private final Set<String> plugins = new LinkedHashSet<>();
    private String advanced = "[].\n";

    private Builder() {}

    /**
     * Which RabbitMQ to run; by default the one in the folder that the environment variable {@value
     * RabbitMqInstallation#HOME_VARIABLE} names, else the one that the system's package installed.
     * Its Erlang is the one in its folder {@code erlang/bin}, else the one in the PATH.
     *
     * @param folder a folder with {@code sbin/rabbitmq-server} or {@code bin/rabbitmq-server}, such
     *     as an unpacked release
     * @return this
     */
    public Builder home(Path folder) {
      home = Objects.requireNonNull(folder, "folder");
      return this;
    }

    /**
     * How long a start may take; 90 seconds by default (a start takes about five).
     *
     * @param timeout more than zero
     * @return this
     * @throws IllegalArgumentException if it is not more than zero
     */
    public Builder startTimeout(Duration timeout) {
      if (timeout.isNegative() || timeout.isZero()) {
        throw new IllegalArgumentException("startTimeout is " + timeout + ", expected more than 0");
      }
      startTimeout = timeout;
      return this;
    }

    /**
     * Adds a line to the broker's {@code rabbitmq.conf}.
     *
     * @param key such as {@code consumer_timeout}
     * @param value such as {@code 5000}
     * @return this
     */
    public Builder setting(String key, String value) {
      settings.put(Objects.requireNonNull(key, "key"), Objects.requireNonNull(value, "value"));
      return this;
    }

    /**
     * Sets the broker's {@code advanced.config}, for what {@code rabbitmq.conf} has no key for.
     *
     * @param erlang a list of applications and their settings, such as {@code [{rabbit,
     *     [{channel_tick_interval, 500}]}].}
     * @return this
     */
    public Builder advancedConfig(String erlang) {
      advanced = Objects.requireNonNull(erlang, "erlang");
      return this;
    }

    /**
     * Enables a plugin; none is enabled by default.
     *
     * @param name such as {@code rabbitmq_stream}
     * @return this
     */
    public Builder plugin(String name) {
      plugins.add(Objects.requireNonNull(name, "name"));
      return this;
    }

    /**
     * Starts the node.
     *
     * @return a node that takes connections
     * @throws ToolMissingException if no rabbitmq-server is installed; says how to install it
     * @throws TestkitException if it does not start; quotes its log
     */
    public RabbitMqNode start() {
      RabbitMqInstallation installation = RabbitMqInstallation.find(home);
      return new RabbitMqNode(
          installation, RabbitMqFiles.create(settings, advanced, plugins), startTimeout);
    }
  }
}
