// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.trackunit.fabric.core.Secret;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Where RabbitMQ is, who we are, and how long we wait for it. Immutable; never shows the password.
 */
public final class RabbitSettings {
  private final List<Address> addresses;
  private final @Nullable AddressSource addressSource;
  private final String user;
  private final CredentialSource credentials;
  private final String virtualHost;
  private final String connectionName;
  private final @Nullable SSLContext tls;
  private final Duration openTimeout;
  private final Duration connectTimeout;
  private final Duration rpcTimeout;
  private final Duration writeTimeout;
  private final Duration heartbeat;
  private final MeterRegistry meters;
  private final ObservationRegistry observations;

  private RabbitSettings(Builder builder) {
    this.user = builder.user;
    this.credentials = builder.credentials;
    this.virtualHost = builder.virtualHost;
    this.connectionName = builder.connectionName;
    this.tls = builder.tls;
    int defaultPort = tls == null ? 5672 : 5671;
    this.addresses =
        builder.addresses.stream()
            .map(one -> one.port() != 0 ? one : new Address(one.host(), defaultPort))
            .toList();
    this.addressSource = builder.addressSource;
    this.openTimeout = builder.openTimeout;
    this.connectTimeout = builder.connectTimeout;
    this.rpcTimeout = builder.rpcTimeout;
    this.writeTimeout = builder.writeTimeout;
    this.heartbeat = builder.heartbeat;
    this.meters = builder.meters;
    this.observations = builder.observations;
  }

  /**
   * Settings with the defaults of each option.
   *
   * @param host name or address of the broker
   * @param user user name
   * @param password its password
   * @return a builder
   */
  public static Builder builder(String host, String user, Secret password) {
    Credentials fixed = new Credentials(user, password, null);
    return new Builder(host, user, () -> fixed);
  }

  /**
   * Settings with credentials that change.
   *
   * @param host name or address of the broker
   * @param credentials is asked before each connection, and before they expire
   * @return a builder
   */
  public static Builder builder(String host, CredentialSource credentials) {
    return new Builder(host, "as its credential source says", credentials);
  }

  /**
   * Settings with an address that changes, or that somebody else keeps: {@code
   * RabbitSettings.builder(forward::address, user, password)} for a port-forward.
   *
   * @param addresses is asked before each connection attempt
   * @param user user name
   * @param password its password
   * @return a builder; it takes no other port or address
   */
  public static Builder builder(AddressSource addresses, String user, Secret password) {
    Builder builder = builder("from its address source", user, password);
    builder.addressSource = Objects.requireNonNull(addresses, "addresses");
    return builder;
  }

  /**
   * Settings from a URI of the form {@code amqp(s)://user:password@host:port/vhost} (RabbitMQ URI
   * specification: parts are percent-encoded; no path means the virtual host {@code /}, a bare
   * slash the one with the empty name). {@code amqps} uses the JVM's default trust store and
   * verifies the host name.
   *
   * @param uri the address with user and password
   * @return a builder, for the other options
   * @throws IllegalArgumentException if a part is missing or malformed; the message never shows the
   *     URI
   */
  public static Builder fromUri(String uri) {
    return RabbitUri.read(uri);
  }

  /** One broker of a cluster. */
  record Address(String host, int port) {
    @Override
    public String toString() {
      return host + ":" + port;
    }
  }

  /** The user name, or where it comes from; for errors. */
  String user() {
    return user;
  }

  /** Where to connect at an attempt; asks the source, if there is one, as long as that takes. */
  Address addressFor(int attempt) {
    AddressSource source = addressSource;
    if (source == null) {
      return addresses.get(attempt % addresses.size());
    }
    try {
      InetSocketAddress now = source.address();
      return new Address(now.getHostString(), now.getPort());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed("address", e);
    } catch (Exception e) {
      throw failed("address", e);
    }
  }

  /** Asks the source; blocks as long as that does. */
  Credentials credentials() {
    try {
      return Objects.requireNonNull(credentials.credentials(), "credentials");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed("credential", e);
    } catch (Exception e) {
      throw failed("credential", e);
    }
  }

  private RabbitUnavailableException failed(String source, Exception cause) {
    return new RabbitUnavailableException(
        "connect to "
            + address()
            + ": the "
            + source
            + " source has failed ("
            + cause.getClass().getName()
            + "); check it",
        cause);
  }

  String virtualHost() {
    return virtualHost;
  }

  String connectionName() {
    return connectionName;
  }

  Optional<SSLContext> tls() {
    return Optional.ofNullable(tls);
  }

  Duration openTimeout() {
    return openTimeout;
  }

  Duration connectTimeout() {
    return connectTimeout;
  }

  Duration rpcTimeout() {
    return rpcTimeout;
  }

  Duration writeTimeout() {
    return writeTimeout;
  }

  Duration heartbeat() {
    return heartbeat;
  }

  /** All addresses, for logs and errors. */
  String address() {
    String all =
        addressSource == null
            ? addresses.stream().map(Address::toString).collect(Collectors.joining(","))
            : "what its address source says,";
    return scheme() + all + " vhost " + virtualHost;
  }

  /** One address, for logs and errors. */
  String address(Address one) {
    return scheme() + one + " vhost " + virtualHost;
  }

  private String scheme() {
    return tls == null ? "amqp://" : "amqps://";
  }

  MeterRegistry meters() {
    return meters;
  }

  ObservationRegistry observations() {
    return observations;
  }

  @Override
  public String toString() {
    return "RabbitSettings[" + address() + ", user " + user + ", name " + connectionName + "]";
  }

  /** Collects the options. Not thread-safe. */
  public static final class Builder {
    private final List<Address> addresses = new ArrayList<>();
    private @Nullable AddressSource addressSource;
    private final String user;
    private final CredentialSource credentials;
    private String virtualHost = "/";
    private String connectionName = "fabric";
    private @Nullable SSLContext tls;
    private Duration openTimeout = Duration.ofSeconds(30);
    private Duration connectTimeout = Duration.ofSeconds(10);
    private Duration rpcTimeout = Duration.ofSeconds(10);
    private Duration writeTimeout = Duration.ofSeconds(10);
    private Duration heartbeat = Duration.ofSeconds(10);
    private MeterRegistry meters = new CompositeMeterRegistry();
    private ObservationRegistry observations = ObservationRegistry.NOOP;

    private Builder(String host, String user, CredentialSource credentials) {
      addresses.add(new Address(Objects.requireNonNull(host, "host"), 0));
      this.user = Objects.requireNonNull(user, "user");
      this.credentials = Objects.requireNonNull(credentials, "credentials");
    }

    /**
     * The broker's port.
     *
     * @param value 1 to 65535; default 5672, with TLS 5671
     * @return this
     */
    public Builder port(int value) {
      requireFixedAddress("port");
      if (value < 1 || value > 65_535) {
        throw new IllegalArgumentException(
            "RabbitMQ settings: port is " + value + ", expected 1 to 65535");
      }
      addresses.set(0, new Address(addresses.get(0).host(), value));
      return this;
    }

    /**
     * Adds another broker of the same cluster. Each attempt to connect takes the next address, so
     * that one that is away costs one connect timeout.
     *
     * @param host name or address
     * @param port 1 to 65535
     * @return this
     */
    public Builder address(String host, int port) {
      requireFixedAddress("address");
      Objects.requireNonNull(host, "host");
      Bounds.number("RabbitMQ settings: port of " + host, port, 1, 65_535);
      addresses.add(new Address(host, port));
      return this;
    }

    /**
     * The virtual host.
     *
     * @param value its name; default {@code /}
     * @return this
     */
    public Builder virtualHost(String value) {
      this.virtualHost = Objects.requireNonNull(value, "virtualHost");
      return this;
    }

    /**
     * The name under which the broker shows the two connections; {@code :publishing} and {@code
     * :consuming} are appended.
     *
     * @param value such as the service's name; default {@code fabric}
     * @return this
     */
    public Builder connectionName(String value) {
      this.connectionName = Objects.requireNonNull(value, "connectionName");
      return this;
    }

    /**
     * Turns TLS on, with the JVM's default trust store and verified host names.
     *
     * @return this
     */
    public Builder tls() {
      try {
        return tls(SSLContext.getDefault());
      } catch (java.security.NoSuchAlgorithmException e) {
        throw new IllegalStateException("TLS: this JVM has no default SSLContext", e);
      }
    }

    /**
     * Turns TLS on, with trusted and own certificates of your choice (own ones are what mutual TLS
     * needs); host names are verified.
     *
     * @param context makes the sockets; default no TLS
     * @return this
     */
    public Builder tls(SSLContext context) {
      this.tls = Objects.requireNonNull(context, "tls");
      return this;
    }

    /**
     * How long {@link RabbitMessaging#open} tries.
     *
     * @param value more than 0, at most an hour; default 30 s
     * @return this
     */
    public Builder openTimeout(Duration value) {
      this.openTimeout = bounded("openTimeout", value);
      return this;
    }

    /**
     * How long one attempt may take to connect, and again to shake hands.
     *
     * @param value more than 0, at most an hour; default 10 s
     * @return this
     */
    public Builder connectTimeout(Duration value) {
      this.connectTimeout = bounded("connectTimeout", value);
      return this;
    }

    /**
     * How long the broker may take to answer one protocol call, such as a declaration.
     *
     * @param value more than 0, at most an hour; default 10 s
     * @return this
     */
    public Builder rpcTimeout(Duration value) {
      this.rpcTimeout = bounded("rpcTimeout", value);
      return this;
    }

    /**
     * How long one write to the socket may take before the socket is closed: the broker reads
     * nothing (an alarm, a frozen process, a half-open connection), and the sender would hang.
     *
     * @param value more than 0, at most an hour; default 10 s
     * @return this
     */
    public Builder writeTimeout(Duration value) {
      this.writeTimeout = bounded("writeTimeout", value);
      return this;
    }

    /**
     * The interval of heartbeats; a silent broker is given up after twice this time.
     *
     * @param value whole seconds, 1 s to an hour; default 10 s
     * @return this
     */
    public Builder heartbeat(Duration value) {
      bounded("heartbeat", value);
      if (value.toSeconds() < 1 || value.toNanosPart() != 0) {
        throw new IllegalArgumentException(
            "RabbitMQ settings: heartbeat is " + value + ", expected whole seconds, at least 1");
      }
      this.heartbeat = value;
      return this;
    }

    /**
     * Where to count: messages published, their outcomes and those in flight; messages consumed by
     * what became of them, their lag and the time handlers take; reconnections.
     *
     * @param registry default none
     * @return this
     */
    public Builder meters(MeterRegistry registry) {
      this.meters = Objects.requireNonNull(registry, "meters");
      return this;
    }

    /**
     * Where publishing and processing are observed: with a tracing handler in the registry, spans
     * have the names of OpenTelemetry's semantic conventions, and the trace travels in the
     * messages' headers.
     *
     * @param registry default one that observes nothing
     * @return this
     */
    public Builder observations(ObservationRegistry registry) {
      this.observations = Objects.requireNonNull(registry, "observations");
      return this;
    }

    /**
     * The settings.
     *
     * @return immutable
     */
    public RabbitSettings build() {
      return new RabbitSettings(this);
    }

    private void requireFixedAddress(String option) {
      if (addressSource != null) {
        throw new IllegalArgumentException(
            "RabbitMQ settings: " + option + " is given beside an address source; choose one");
      }
    }

    private static Duration bounded(String option, Duration value) {
      return Bounds.duration("RabbitMQ settings: " + option, value, Duration.ofHours(1));
    }
  }
}
