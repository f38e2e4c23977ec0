// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import com.trackunit.fabric.auth.Audience;
import com.trackunit.fabric.auth.EntraTokenValidator;
import com.trackunit.fabric.core.FabricException;
import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.ingestion.IngestionClient;
import com.trackunit.fabric.ingestion.IngestionClientBuilder;
import com.trackunit.fabric.samples.contracts.ServiceMain;
import com.trackunit.fabric.samples.gateway.GatewaySettings.EntraAccess;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * One replica. It listens from the start, live and not ready, and does its work once {@link #open}
 * has found RabbitMQ. Thread-safe.
 */
final class GraphGateway implements ServiceMain.Service {
  private final GatewaySettings settings;
  private final EventHub hub = new EventHub();
  private final EntraTokenValidator validator;
  private final IngestionClient ingestion;
  private final GraphqlEngine engine;
  private final GatewayServer server;
  private volatile @Nullable RabbitLink rabbit;
  private volatile @Nullable Backend backend;
  private volatile boolean isStopping;

  private GraphGateway(
      GatewaySettings settings, EntraTokenValidator validator, IngestionClient ingestion) {
    this.settings = settings;
    this.validator = validator;
    this.ingestion = ingestion;
    this.engine =
        new GraphqlEngine(new GraphqlSchema(this::backend, hub), settings.introspection());
    TokenGate gate = new EntraGate(validator, settings.entra().requiredScope());
    this.server =
        GatewayServer.start(
            settings.address(),
            () -> Health.up("graph-gateway", "the process is up"),
            new GatewayServer.Parts(engine, gate, this::ready, SocketLimits.DEFAULT));
  }

  /**
   * Starts to listen.
   *
   * @param http whose trust and proxies are used towards Entra ID and the ingestion service
   * @return a replica to {@link #open}; the caller closes it
   * @throws IllegalStateException if the address cannot be bound
   */
  static GraphGateway start(GatewaySettings settings, OkHttpClient http) {
    EntraAccess entra = settings.entra();
    EntraTokenValidator validator =
        EntraTokenValidator.builder(
                entra.tenantId(), Audience.of(entra.audience(), entra.clientId().toString()))
            .authorityHost(entra.instance())
            .httpClient(http)
            .build();
    IngestionClientBuilder builder =
        IngestionClient.builder(settings.ingestion().baseUrl())
            .internalAccessKey(settings.ingestion().key())
            .httpClient(http);
    settings.ingestion().allowedHost().ifPresent(builder::allowHost);
    IngestionClient ingestion = builder.build();
    try {
      return new GraphGateway(settings, validator, ingestion);
    } catch (RuntimeException e) {
      ingestion.close();
      validator.close();
      throw e;
    }
  }

  /**
   * Connects to RabbitMQ. Blocks; called once, or again after it failed.
   *
   * @throws FabricException if that cannot be done now
   */
  @Override
  public void open() {
    warmUp();
    RabbitLink link = RabbitLink.open(settings.rabbit(), settings.instanceName(), hub);
    rabbit = link;
    backend = new FabricBackend(ingestion, link, Clock.systemUTC());
    if (isStopping) {
      link.close();
    }
  }

  @Override
  public int port() {
    return server.port();
  }

  /**
   * Whether this replica can do its work. The ingestion service has no part in it: were it away,
   * taking every replica out of service would help nobody.
   */
  Health ready() {
    RabbitLink link = rabbit;
    if (isStopping || link == null) {
      return Health.down("graph-gateway", isStopping ? "stopping" : "connecting to RabbitMQ");
    }
    return Health.of("graph-gateway", List.of(link.health(), validator.health()));
  }

  @Override
  public boolean isReady() {
    return ready().isUp();
  }

  /** Stops listening first and leaves RabbitMQ after that; closing twice does nothing. */
  @Override
  public void close() {
    isStopping = true;
    RabbitLink link = rabbit;
    try (validator;
        ingestion;
        link) {
      server.close();
    }
  }

  /** Else the first client would wait for classes to load and for the first TLS handshake. */
  private void warmUp() {
    var ping = engine.prepare(new GraphqlRequest("{ ping }", null, Map.of(), Map.of()));
    var unusedPong = engine.execute(ping, CallContext.of(null, null));
    var unusedHealth = CompletableFuture.supplyAsync(ingestion::probe);
  }

  private Backend backend() {
    Backend opened = backend;
    if (opened == null) {
      throw new FieldError("MESSAGING_UNAVAILABLE", "the gateway is starting; try again", true);
    }
    return opened;
  }
}
