// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import java.io.File;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A Kafka broker of one's own: a real Apache Kafka (KRaft, broker and controller in one). Its jars
 * come from Maven Central by the user's Maven, and are not on the classpath of the test.
 *
 * <pre>{@code
 * try (KafkaNode kafka = KafkaNode.start()) {
 *   kafka.createTopic("events", 3, Map.of());
 *   connectTo(kafka.bootstrapServers());
 * }
 * }</pre>
 *
 * <p>Topics are not created by using them, and have one replica. Threads and lifetime are those of
 * every {@link BrokerNode}.
 */
public final class KafkaNode extends BrokerNode {
  /** The version that runs if none is chosen. */
  public static final String DEFAULT_VERSION = "4.4.0";

  private static final List<String> SMALL_AND_QUICK =
      List.of(
          "-Xms64m",
          "-Xmx384m",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:-UsePerfData",
          "-Dorg.slf4j.simpleLogger.defaultLogLevel=info",
          "-Dorg.slf4j.simpleLogger.showDateTime=true",
          "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS");

  private final KafkaFiles files;
  private final KafkaAdmin admin;

  private KafkaNode(Builder options, List<Path> jars, KafkaFiles files) {
    this(options, jars, files, new KafkaAdmin(files.port()));
  }

  private KafkaNode(Builder options, List<Path> jars, KafkaFiles files, KafkaAdmin admin) {
    super(
        files.folder(),
        GuardedProcess.builder(command(jars, options, files)).name("kafka at port " + files.port()),
        admin::answers,
        options.startTimeout);
    this.files = files;
    this.admin = admin;
  }

  /**
   * Starts a node of the {@linkplain #DEFAULT_VERSION default version}.
   *
   * @return a node that serves clients
   * @throws ToolMissingException if Maven is needed and not installed; says how to install it
   * @throws TestkitException if its jars cannot be resolved or it does not start; says what Maven
   *     or the broker printed
   */
  public static KafkaNode start() {
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
   * The address for clients.
   *
   * @return host and port; the same over restarts
   */
  public String bootstrapServers() {
    return Loopback.HOST + ":" + files.advertisedPort();
  }

  @Override
  public int port() {
    return files.port();
  }

  /**
   * Creates a topic with one replica and waits until clients can use it.
   *
   * @param name a name that no topic has
   * @param partitions how many; at least 1
   * @param config topic settings, such as {@code max.message.bytes}; empty for the broker's own
   * @throws TestkitException if the broker refuses or does not answer within 30 seconds
   */
  public void createTopic(String name, int partitions, Map<String, String> config) {
    admin.createTopic(name, partitions, config);
  }

  @Override
  public String toString() {
    return "Kafka at " + bootstrapServers();
  }

  private static List<String> command(List<Path> jars, Builder options, KafkaFiles files) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(SMALL_AND_QUICK);
    command.addAll(options.jvmOptions);
    command.add("-cp");
    command.add(
        Stream.concat(jars.stream(), Stream.of(launcher()))
            .map(Path::toString)
            .collect(Collectors.joining(File.pathSeparator)));
    command.add(KafkaLauncher.class.getName());
    command.add(files.clusterId());
    command.add(files.properties().toString());
    command.addAll(options.features);
    return command;
  }

  /** Where the launcher's class is: last on the broker's classpath, so that it hides nothing. */
  private static Path launcher() {
    return Path.of(
        URI.create(
            KafkaLauncher.class.getProtectionDomain().getCodeSource().getLocation().toString()));
  }

  /** The options of a {@link KafkaNode}. Not thread-safe. */
  public static final class Builder {
    private String version = DEFAULT_VERSION;
    private List<Path> classpath = List.of();
    private Duration startTimeout = Duration.ofSeconds(90);
    private final Map<String, String> settings = new LinkedHashMap<>();
    private final List<String> jvmOptions = new ArrayList<>();

    private final List<String> features = new ArrayList<>();
    private IntUnaryOperator advertised = port -> port;

    private Builder() {}

    /**
     * Which Kafka to run, {@value KafkaNode#DEFAULT_VERSION} by default. The first time a version
     * is used, Maven downloads about 60 MB.
     *
     * @param number a release on Maven Central from 3.9 on, such as {@code 3.9.2}
     * @return this
     * @throws IllegalArgumentException if it does not look like a version
     */
    public Builder version(String number) {
      if (!number.matches("[0-9]+[.][0-9A-Za-z.-]+")) {
        throw new IllegalArgumentException(
            "version is '" + number + "', expected one such as " + DEFAULT_VERSION);
      }
      version = number;
      return this;
    }

    /**
     * The jars of a broker that is on this machine already; Maven is not asked then.
     *
     * @param jars {@code kafka_2.13} and what it needs, with a backend for SLF4J
     * @return this
     * @throws IllegalArgumentException if there are none
     */
    public Builder classpath(List<Path> jars) {
      if (jars.isEmpty()) {
        throw new IllegalArgumentException("classpath is empty, expected the jars of a broker");
      }
      classpath = List.copyOf(jars);
      return this;
    }

    /**
     * How long a start may take once the jars are there; 90 seconds by default (a start takes about
     * four).
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
     * Sets a broker setting, also one that the node sets by itself.
     *
     * @param key such as {@code message.max.bytes}
     * @param value its value
     * @return this
     */
    public Builder setting(String key, String value) {
      settings.put(Objects.requireNonNull(key, "key"), Objects.requireNonNull(value, "value"));
      return this;
    }

    /**
     * Adds an option for the broker's JVM, which is made to start quickly: a heap of 384 MB and
     * only the first compiler. A benchmark gives {@code -XX:TieredStopAtLevel=4} and more heap.
     *
     * @param option such as {@code -Xmx2g}; later ones win
     * @return this
     */
    public Builder jvmOption(String option) {
      jvmOptions.add(Objects.requireNonNull(option, "option"));
      return this;
    }

    /**
     * Sets a feature's level in the storage, as {@code kafka-storage format --feature} does;
     * otherwise it is the version's own.
     *
     * @param name such as {@code transaction.version}
     * @param level 0 or more
     * @return this
     */
    public Builder feature(String name, int level) {
      features.add(Objects.requireNonNull(name, "name") + "=" + level);
      return this;
    }

    /**
     * Has clients told another port than the broker's own, as for a proxy that stands before it.
     *
     * @param proxy is given the broker's port before the broker starts, and says which port clients
     *     are told; it has to take connections from then on
     * @return this
     */
    public Builder advertisedAt(IntUnaryOperator proxy) {
      advertised = Objects.requireNonNull(proxy, "proxy");
      return this;
    }

    /**
     * Starts the node.
     *
     * @return a node that serves clients
     * @throws ToolMissingException if Maven is needed and not installed; says how to install it
     * @throws TestkitException if its jars cannot be resolved or it does not start; says what Maven
     *     or the broker printed
     */
    public KafkaNode start() {
      List<Path> jars = classpath.isEmpty() ? KafkaClasspath.of(version) : classpath;
      return new KafkaNode(this, jars, KafkaFiles.create(settings, advertised));
    }
  }
}
