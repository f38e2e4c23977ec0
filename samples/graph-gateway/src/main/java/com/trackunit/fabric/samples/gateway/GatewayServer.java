// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import com.trackunit.fabric.core.FabricThreads;
import com.trackunit.fabric.core.HealthSource;
import com.trackunit.fabric.samples.gateway.SocketEndpoint.SocketClock;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;

/**
 * The listening side: Jetty with {@code /graphql} (HTTP and WebSocket) and the health endpoints.
 */
final class GatewayServer implements AutoCloseable {
  private static final int MAX_HEADERS = 32 * 1024;
  private static final Duration DRAIN = Duration.ofSeconds(10);

  private final Server server;
  private final ServerConnector connector;
  private final ScheduledExecutorService timers;
  private final ServerWebSocketContainer sockets;

  private GatewayServer(
      Server server,
      ServerConnector connector,
      ScheduledExecutorService timers,
      ServerWebSocketContainer sockets) {
    this.server = server;
    this.connector = connector;
    this.timers = timers;
    this.sockets = sockets;
  }

  /**
   * What is served.
   *
   * @param engine runs GraphQL
   * @param gate checks tokens
   * @param ready up while the gateway can do its work
   * @param limits of each WebSocket
   */
  record Parts(GraphqlEngine engine, TokenGate gate, HealthSource ready, SocketLimits limits) {}

  /**
   * Starts listening.
   *
   * @param address where; port 0 takes a free one
   * @param live up as long as the process should not be restarted
   * @throws IllegalStateException if the address cannot be bound
   */
  static GatewayServer start(InetSocketAddress address, HealthSource live, Parts parts) {
    QueuedThreadPool threads = new QueuedThreadPool(64, 4);
    threads.setName("fabric-gateway-http");
    threads.setDaemon(true);
    Server server = new Server(threads);
    server.setStopTimeout(DRAIN.toMillis());
    ServerConnector connector = new ServerConnector(server, 1, 1, http());
    connector.setHost(address.getAddress().getHostAddress());
    connector.setPort(address.getPort());
    server.addConnector(connector);

    ScheduledExecutorService timers =
        Executors.newSingleThreadScheduledExecutor(FabricThreads.named("gateway", "timers"));
    BearerTokens tokens = new BearerTokens(parts.gate());
    SocketEndpoint sockets =
        new SocketEndpoint(
            parts.engine(), tokens, parts.limits(), new SocketClock(Clock.systemUTC(), timers));
    WebSocketUpgradeHandler upgrades =
        WebSocketUpgradeHandler.from(server, container -> configure(container, sockets));
    upgrades.setHandler(new HttpEndpoint(parts.engine(), tokens, live, parts.ready()));
    server.setHandler(new GracefulHandler(new RequestScope(upgrades)));
    GatewayServer gateway =
        new GatewayServer(server, connector, timers, upgrades.getServerWebSocketContainer());
    try {
      server.start();
    } catch (Exception e) {
      gateway.close();
      throw new IllegalStateException("graph-gateway cannot listen on " + address, e);
    }
    return gateway;
  }

  int port() {
    return connector.getLocalPort();
  }

  /**
   * Stops in order: sockets are closed with 1001, at which clients go to another replica; then no
   * new connection; requests under way have 10 s to end.
   */
  @Override
  public void close() {
    for (Session session : sockets.getOpenSessions()) {
      session.close(1001, "The replica is going away", Callback.NOOP);
    }
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("graph-gateway: Jetty did not stop", e);
    } finally {
      timers.shutdownNow();
    }
  }

  private static HttpConnectionFactory http() {
    HttpConfiguration http = new HttpConfiguration();
    // Tokens with many groups are long; the same bound as at Kong.
    http.setRequestHeaderSize(MAX_HEADERS);
    http.setSendServerVersion(false);
    http.setIdleTimeout(Duration.ofSeconds(30).toMillis());
    return new HttpConnectionFactory(http);
  }

  private static void configure(ServerWebSocketContainer container, SocketEndpoint endpoint) {
    container.setMaxTextMessageSize(HttpEndpoint.MAX_BODY);
    // Our own pings find dead peers sooner; this is for a peer that never got as far.
    container.setIdleTimeout(Duration.ofMinutes(5));
    container.addMapping("/graphql", endpoint);
  }
}
