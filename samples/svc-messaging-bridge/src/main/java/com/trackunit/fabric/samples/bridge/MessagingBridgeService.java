// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.bridge;

import com.trackunit.fabric.bridge.KafkaSettings;
import com.trackunit.fabric.messaging.RabbitSettings;
import com.trackunit.fabric.samples.contracts.BackgroundService;
import com.trackunit.fabric.samples.contracts.Environment;
import com.trackunit.fabric.samples.contracts.RabbitAccess;
import com.trackunit.fabric.samples.contracts.ServiceMain;
import com.trackunit.fabric.samples.contracts.Variables;
import com.trackunit.fabric.samples.contracts.Wire;
import java.util.function.Supplier;

/**
 * The process: {@code KAFKA_BROKERS}, {@code KAFKA_CLIENT_ID}, {@code RABBIT_*}, {@code HTTP_HOST}
 * and {@code HTTP_PORT} (health only).
 */
public final class MessagingBridgeService {
  private MessagingBridgeService() {}

  /**
   * Runs until SIGTERM.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) {
    ServiceMain.run(
        Wire.Services.MESSAGING_BRIDGE,
        environment ->
            BackgroundService.start(
                Wire.Services.MESSAGING_BRIDGE, environment, MessagingBridgeService::reader));
  }

  /**
   * The service without its process, for {@link BackgroundService#start}.
   *
   * @param environment asked for the settings
   * @return opens the work
   */
  public static Supplier<BackgroundService.Work> reader(Environment environment) {
    Supplier<RabbitAccess> access = RabbitAccess.from(environment);
    Supplier<String> brokers = environment.text(Variables.KAFKA_BROKERS).required();
    Supplier<String> clientId =
        environment.text(Variables.KAFKA_CLIENT_ID).orElse(Wire.Services.MESSAGING_BRIDGE);
    refuseSasl(environment);
    return () ->
        MessagingBridge.open(
            rabbit(access.get()),
            KafkaSettings.builder(brokers.get()).clientId(clientId.get()).build());
  }

  /** To go on without the login that someone asked for would be worse than not to start. */
  private static void refuseSasl(Environment environment) {
    if (environment.has(Variables.KAFKA_SASL_USERNAME)
        || environment.has(Variables.KAFKA_SASL_PASSWORD)) {
      environment.mistake(
          Variables.KAFKA_SASL_USERNAME
              + " and "
              + Variables.KAFKA_SASL_PASSWORD
              + " are set, but this bridge speaks to Kafka without SASL so far: unset them and use"
              + " a listener without it");
    }
  }

  private static RabbitSettings rabbit(RabbitAccess access) {
    return RabbitSettings.builder(access.host(), access.user(), access.password())
        .port(access.port())
        .virtualHost(access.vhost())
        .connectionName(Wire.Services.MESSAGING_BRIDGE)
        .build();
  }
}
