// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Address;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.PossibleAuthenticationFailureException;
import com.rabbitmq.client.ShutdownSignalException;
import com.trackunit.fabric.core.FabricThreads;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes single TCP connections with amqp-client, its own recovery switched off. */
final class Dialer {
  private static final Logger log = LoggerFactory.getLogger(Dialer.class);
  private static final int NOT_ALLOWED = 530;
  private static final int MAX_BODY = 512 << 20; // RabbitMQ's own upper bound

  private final RabbitSettings settings;
  private final String purpose;
  private final ExecutorService shutdownExecutor;
  private int attempts; // one attempt at a time

  Dialer(RabbitSettings settings, String purpose, ExecutorService shutdownExecutor) {
    this.settings = settings;
    this.purpose = purpose;
    this.shutdownExecutor = shutdownExecutor;
  }

  /** A connection, and the socket under it, which is closed when nothing else ends a hang. */
  static final class Line {
    private final Connection connection;
    private final Socket socket;

    private final LiveCredentials live;
    private final @Nullable Instant expiresAt;

    private Line(
        Connection connection, Socket socket, LiveCredentials live, @Nullable Instant expiresAt) {
      this.connection = connection;
      this.socket = socket;
      this.live = live;
      this.expiresAt = expiresAt;
    }

    /** When its credentials end; null for never. */
    @Nullable Instant expiresAt() {
      return expiresAt;
    }

    LiveCredentials credentials() {
      return live;
    }

    Connection connection() {
      return connection;
    }

    /** Closes the socket under amqp-client. Without linger, as a full socket would never drain. */
    void cut() {
      try {
        socket.setSoLinger(true, 0);
      } catch (SocketException e) {
        log.debug("socket {}: {}", socket, e.toString()); // closed already
      }
      try {
        socket.close();
      } catch (IOException e) {
        log.debug("socket {}: {}", socket, e.toString());
      }
    }
  }

  /**
   * One attempt.
   *
   * @param limit how long connecting may take, and each of the two steps of the handshake
   */
  Line dial(Duration limit) {
    RabbitSettings.Address address = settings.addressFor(attempts++);
    Credentials credentials = settings.credentials();
    AtomicReference<@Nullable Socket> socket = new AtomicReference<>();
    LiveCredentials live = new LiveCredentials(credentials);
    ConnectionFactory factory = factory(limit, live);
    factory.setSocketConfigurator(factory.getSocketConfigurator().andThen(socket::set));
    settings
        .tls()
        .ifPresent(
            context -> {
              factory.useSslProtocol(context);
              factory.enableHostnameVerification();
            });
    try {
      Connection connection =
          factory.newConnection(
              new ReaderThread(),
              List.of(new Address(address.host(), address.port())),
              settings.connectionName() + ":" + purpose);
      Socket connected = socket.get();
      if (connected == null) {
        throw new IllegalStateException("amqp-client connected without configuring a socket");
      }
      return new Line(connection, connected, live, credentials.expiresAt());
    } catch (PossibleAuthenticationFailureException e) {
      throw refused(address, e.getMessage(), e);
    } catch (IOException e) {
      if (e.getCause() instanceof ShutdownSignalException signal
          && signal.getReason() instanceof AMQP.Connection.Close close
          && (close.getReplyCode() == NOT_ALLOWED || close.getReplyCode() == AMQP.ACCESS_REFUSED)) {
        throw refused(address, close.getReplyText(), e);
      }
      throw unavailable(address, e);
    } catch (TimeoutException e) {
      throw unavailable(address, e);
    }
  }

  private ConnectionFactory factory(Duration limit, LiveCredentials live) {
    int limitMillis = Math.max(1, Math.toIntExact(limit.toMillis()));
    ConnectionFactory factory = new WireConnection.Factory();
    factory.setCredentialsProvider(live);
    factory.setCredentialsRefreshService(live);
    factory.setVirtualHost(settings.virtualHost());
    factory.setAutomaticRecoveryEnabled(false);
    factory.setTopologyRecoveryEnabled(false);
    factory.setConnectionTimeout(limitMillis);
    // amqp-client gives each of the two steps half of it.
    factory.setHandshakeTimeout(2 * limitMillis);
    factory.setRequestedHeartbeat(Math.toIntExact(settings.heartbeat().toSeconds()));
    factory.setChannelRpcTimeout(Math.toIntExact(settings.rpcTimeout().toMillis()));
    factory.setChannelShouldCheckRpcResponseType(true);
    factory.setMaxInboundMessageBodySize(MAX_BODY);
    factory.setThreadFactory(FabricThreads.named("messaging", purpose));
    factory.setShutdownExecutor(shutdownExecutor);
    factory.setExceptionHandler(new LoggedExceptions(purpose));
    return factory;
  }

  private RabbitAuthenticationException refused(
      RabbitSettings.Address address, @Nullable String text, IOException cause) {
    return new RabbitAuthenticationException(
        "connect to "
            + settings.address(address)
            + " as "
            + settings.user()
            + ": refused ("
            + text
            + "); check user, password and the permissions on the virtual host",
        cause);
  }

  private RabbitUnavailableException unavailable(RabbitSettings.Address address, Exception cause) {
    return new RabbitUnavailableException(
        "connect to "
            + settings.address(address)
            + ": "
            + Causes.describe(cause)
            + "; check that the broker runs and the address is right",
        cause);
  }
}
