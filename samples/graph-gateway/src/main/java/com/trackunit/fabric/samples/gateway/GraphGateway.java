// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import com.trackunit.fabric.auth.Audience;
import com.trackunit.fabric.auth.EntraTokenValidator;
import com.trackunit.fabric.core.FabricThreads;
import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.core.Ticker;
import com.trackunit.fabric.ingestion.IngestionClient;
import com.trackunit.fabric.messaging.Publisher;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.messaging.RabbitSettings;
import com.trackunit.fabric.messaging.Topology;
import com.trackunit.fabric.samples.contracts.RabbitAccess;
import com.trackunit.fabric.samples.contracts.Wire;
import com.trackunit.fabric.samples.gateway.GatewaySettings.EntraAccess;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import okhttp3.OkHttpClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One replica, put together from its parts. Thread-safe. */
final class GraphGateway implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(GraphGateway.class);
  private static final int OWNERS_KNOWN = 200_000;

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final RabbitMessaging rabbit;
  private final EntraTokenValidator validator;
  private final OwnerLog ownerLog;
  private final EventConsumer events;
  private final GatewayServer server;
  private volatile boolean isStopping;

  private GraphGateway(GatewaySettings settings, InetSocketAddress address, OkHttpClient http) {
    Clock clock = Clock.systemUTC();
    try {
      EntraAccess entra = settings.entra();
      validator =
          opened(
              EntraTokenValidator.builder(
                      entra.tenantId(), Audience.of(entra.audience(), entra.clientId().toString()))
                  .authorityHost(entra.instance())
                  .httpClient(http)
                  .build());
      IngestionClient ingestion =
          opened(
              IngestionClient.builder(settings.ingestion().baseUrl())
                  .internalAccessKey(settings.ingestion().key())
                  .httpClient(http)
                  .build());
      rabbit = opened(RabbitMessaging.open(rabbitSettings(settings)));
      rabbit.apply(topology(settings.instanceName()));
      ScheduledExecutorService timers =
          Executors.newSingleThreadScheduledExecutor(FabricThreads.named("gateway", "owners"));
      parts.push(timers::shutdownNow);
      Owners owners = new Owners(OWNERS_KNOWN, OwnerLog.MAX_AGE, clock);
      ownerLog = opened(new OwnerLog(rabbit, owners, timers));
      EventHub hub = new EventHub();
      EventFeed feed =
          opened(new EventFeed(owners, hub, EventFeed.Patience.DEFAULT, Ticker.system()));
      events = opened(new EventConsumer(rabbit, settings.instanceName(), feed));
      Publisher commands =
          opened(
              rabbit
                  .publisher(Wire.Exchanges.ANALYSIS_COMMANDS)
                  .timeout(Duration.ofSeconds(10))
                  .build());
      FabricBackend backend = new FabricBackend(ingestion, ownerLog, owners, commands, clock);
      GraphqlEngine engine =
          new GraphqlEngine(new GraphqlSchema(backend, hub), settings.introspection());
      server =
          opened(
              GatewayServer.start(
                  address,
                  () -> Health.up("graph-gateway", "the process is up"),
                  new GatewayServer.Parts(
                      engine,
                      new EntraGate(validator, entra.requiredScope()),
                      this::ready,
                      SocketLimits.DEFAULT)));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Connects to RabbitMQ and starts to listen.
   *
   * @param address where to listen; port 0 takes a free one
   * @param http whose trust and proxies are used towards Entra ID and the ingestion service
   * @return a replica that may not be ready yet; the caller closes it
   */
  static GraphGateway start(
      GatewaySettings settings, InetSocketAddress address, OkHttpClient http) {
    return new GraphGateway(settings, address, http);
  }

  int port() {
    return server.port();
  }

  /**
   * Whether this replica can do its work. The ingestion service has no part in it: were it away,
   * taking every replica out of service would help nobody.
   */
  Health ready() {
    if (isStopping) {
      return Health.down("graph-gateway", "stopping");
    }
    return Health.of(
        "graph-gateway",
        List.of(rabbit.health(), validator.health(), events.health(), ownerLog.health()));
  }

  /** Stops listening first and leaves RabbitMQ last; closing twice does nothing. */
  @Override
  public void close() {
    isStopping = true;
    while (true) {
      AutoCloseable part = parts.poll();
      if (part == null) {
        return;
      }
      try {
        part.close();
      } catch (Exception e) {
        log.warn("a part did not close", e);
      }
    }
  }

  private <T extends AutoCloseable> T opened(T part) {
    parts.push(part);
    return part;
  }

  private static RabbitSettings rabbitSettings(GatewaySettings settings) {
    RabbitAccess access = settings.rabbit();
    return RabbitSettings.builder(access.host(), access.user(), access.password())
        .port(access.port())
        .virtualHost(access.vhost())
        .connectionName("graph-gateway." + settings.instanceName())
        .build();
  }

  private static Topology topology(String instanceName) {
    Topology.Builder topology = Topology.builder().direct(Wire.Exchanges.ANALYSIS_COMMANDS);
    return EventConsumer.declareIn(OwnerLog.declareIn(topology), instanceName).build();
  }
}
