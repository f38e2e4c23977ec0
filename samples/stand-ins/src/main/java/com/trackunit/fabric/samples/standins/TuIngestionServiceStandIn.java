// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.standins;

import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.samples.contracts.Environment;
import com.trackunit.fabric.samples.contracts.ServiceMain;
import com.trackunit.fabric.samples.contracts.Wire;
import java.time.Clock;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Stands in for tu-ingestion-service: the REST contract over TLS, an object store that checks the
 * presigned URLs, and the news of each photo in Kafka. Settings: README.md of this folder.
 */
public final class TuIngestionServiceStandIn implements ServiceMain.Service {
  private final ObjectStore store;
  private final RestServer rest;

  private TuIngestionServiceStandIn(ObjectStore store, RestServer rest) {
    this.store = store;
    this.rest = rest;
  }

  /**
   * Runs it until the process is told to end.
   *
   * @param args none
   */
  public static void main(String[] args) {
    ServiceMain.run(Wire.Services.INGESTION, TuIngestionServiceStandIn::start);
  }

  private static ServiceMain.Service start(Environment environment) {
    Supplier<String> host = environment.text("STANDIN_HOST").orElse("localhost");
    Supplier<Integer> port = environment.port("STANDIN_PORT").orElse(5104);
    Supplier<Integer> s3Port = environment.port("STANDIN_S3_PORT").orElse(0);
    Supplier<Secret> key = environment.secret("INTERNAL_AUTH_API_KEY").required();
    Supplier<String> brokers = environment.text("KAFKA_BROKERS").required();
    Supplier<String> clientId = environment.text("KAFKA_CLIENT_ID").orElse(Wire.Services.INGESTION);
    Supplier<StandInTls> tls = StandInTls.from(environment, host);
    environment.verify();

    StandInTls certificates = tls.get();
    KafkaTopics.ensure(brokers.get(), clientId.get());
    KafkaUploadedImages news = KafkaUploadedImages.open(brokers.get(), clientId.get());
    TuIngestionServiceStandIn service =
        open(new Address(host.get(), port.get(), s3Port.get()), certificates, key.get(), news);
    service.store.prove(certificates);
    return new ServiceMain.Service() {
      @Override
      public int port() {
        return service.port();
      }

      @Override
      public void close() {
        service.close();
        news.close();
      }
    };
  }

  /** Starts it with a publisher that stays the caller's to close. */
  static TuIngestionServiceStandIn open(
      Address address, StandInTls tls, Secret key, UploadedImages news) {
    ObjectStore store = ObjectStore.open(address.host(), address.s3Port(), tls);
    UploadEndpoints endpoints = new UploadEndpoints(store, news, Clock.systemUTC());
    try {
      RestServer rest =
          RestServer.open(
              address.port(),
              tls,
              Map.of(
                  "/v1/uploads/start", endpoints::start,
                  "/v1/uploads/confirm", endpoints::confirm),
              key);
      return new TuIngestionServiceStandIn(store, rest);
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  @Override
  public int port() {
    return rest.port();
  }

  @Override
  public void close() {
    rest.close();
    store.close();
  }

  /** Where it is; a port of 0 takes a free one. */
  record Address(String host, int port, int s3Port) {}
}
