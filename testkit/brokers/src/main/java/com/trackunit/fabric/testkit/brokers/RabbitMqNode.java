// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import com.trackunit.fabric.core.Secret;
import java.net.InetSocketAddress;
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
 * A RabbitMQ broker of one's own: a real {@code rabbitmq-server} with its own data, user and ports,
 * listening on the loopback address only, that leaves no process behind (see {@link
 * GuardedProcess}). It needs no root and works as root; nodes do not see each other.
 *
 * <pre>{@code
 * try (RabbitMqNode rabbit = RabbitMqNode.start()) {
 *   connectTo(rabbit.amqpUri());
 *   rabbit.kill();
 *   rabbit.restart();
 * }
 * }</pre>
 *
 * <p>Any thread may call any method, but of those that start and stop the broker ({@link #kill},
 * {@link #freeze}, {@link #thaw}, {@link #restart}, {@link #close}) only one at a time. Methods
 * return when what they say is done. Whoever starts a node closes it.
 */
public final class RabbitMqNode implements AutoCloseable {
  private static final String HOST = Loopback.HOST;
  private static final Duration STOP_GRACE = Duration.ofSeconds(20);
  private static final Duration COMMAND_BOUND = Duration.ofSeconds(60);

  private final RabbitMqInstallation installation;
  private final RabbitMqFiles files;
  private final Duration startTimeout;
  private volatile GuardedProcess broker;

  private RabbitMqNode(Builder options) {
    this.installation = RabbitMqInstallation.find(options.home);
    this.startTimeout = options.startTimeout;
    this.files = RabbitMqFiles.create(options.settings, options.plugins);
    try {
      this.broker = launch();
    } catch (RuntimeException e) {
      files.delete();
      throw e;
    }
  }

  /**
   * Starts a node as it comes.
   *
   * @return a node that takes connections
   * @throws ToolMissingException if no rabbitmq-server is installed; says how to install it
   * @throws TestkitException if it does not start; ends with its log's last lines
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

  /**
   * The port it takes AMQP connections on.
   *
   * @return the same over restarts
   */
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
   * Everything the broker prints, over all its starts.
   *
   * @return a file that exists until {@link #close}
   */
  public Path logFile() {
    return files.log();
  }

  /**
   * The folder of everything that is this node's; every process of it names the folder.
   *
   * @return a folder that exists until {@link #close}
   */
  public Path dataFolder() {
    return files.folder();
  }

  /**
   * The process of the broker; when it ends, the rest of the node ends with it.
   *
   * @return another one after each {@link #restart}
   */
  public long pid() {
    return broker.pid();
  }

  /** Kills the broker as {@code kill -9} does. Its data stays for {@link #restart}. */
  public void kill() {
    broker.kill();
  }

  /**
   * Stops the broker's time (SIGSTOP): connections stay open, nothing answers.
   *
   * @throws IllegalStateException if the broker does not run
   */
  public void freeze() {
    broker.freeze();
  }

  /**
   * Lets a frozen broker go on.
   *
   * @throws IllegalStateException if the broker does not run
   */
  public void thaw() {
    broker.thaw();
  }

  /**
   * Starts the broker again with its data and port: after {@link #kill}, as it comes up from a
   * crash; otherwise after an orderly stop. Alarms are off afterwards.
   *
   * @throws TestkitException if it does not start; ends with its log's last lines
   */
  public void restart() {
    broker.stop(STOP_GRACE);
    broker = launch();
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
            .workingDirectory(files.folder()),
        files.folder(),
        COMMAND_BOUND);
  }

  /** Kills the broker and deletes its data and log. A second call does nothing. */
  @Override
  public void close() {
    try {
      broker.close();
    } finally {
      files.delete();
    }
  }

  @Override
  public String toString() {
    return "RabbitMQ at " + HOST + ":" + port();
  }

  private GuardedProcess launch() {
    // Erlang's port mapper would become a daemon of the machine; as a sibling of the broker in the
    // same guarded tree it goes when the broker goes.
    GuardedProcess started =
        GuardedProcess.builder(
                "sh",
                "-c",
                "\"$0\" & exec \"$1\"",
                installation.epmd().toString(),
                installation.server().toString())
            .name("rabbitmq-server at port " + port())
            .inheritEnvironment(false)
            .environment(files.environment())
            .workingDirectory(files.folder())
            .outputFile(files.log())
            .start();
    InetSocketAddress address = Loopback.at(port());
    return Readiness.await(
        started, () -> AmqpProbe.letsIn(address, user(), password()), startTimeout, files.log());
  }

  /** The options of a {@link RabbitMqNode}. Not thread-safe. */
  public static final class Builder {
    private @Nullable Path home;
    private Duration startTimeout = Duration.ofSeconds(90);
    private final Map<String, String> settings = new LinkedHashMap<>();
    private final Set<String> plugins = new LinkedHashSet<>();

    private Builder() {}

    /**
     * Which RabbitMQ to run; by default the one that the system's package installed. Its Erlang is
     * the one in the PATH.
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
     * @throws TestkitException if it does not start; ends with its log's last lines
     */
    public RabbitMqNode start() {
      return new RabbitMqNode(this);
    }
  }
}
