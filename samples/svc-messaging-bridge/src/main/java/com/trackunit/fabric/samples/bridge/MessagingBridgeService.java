// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.bridge;

import com.trackunit.fabric.bridge.KafkaLogin;
import com.trackunit.fabric.bridge.KafkaSettings;
import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.messaging.RabbitSettings;
import com.trackunit.fabric.samples.contracts.BackgroundService;
import com.trackunit.fabric.samples.contracts.Environment;
import com.trackunit.fabric.samples.contracts.RabbitAccess;
import com.trackunit.fabric.samples.contracts.ServiceMain;
import com.trackunit.fabric.samples.contracts.Variables;
import com.trackunit.fabric.samples.contracts.Wire;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The process: {@code KAFKA_BROKERS}, {@code KAFKA_CLIENT_ID}, {@code KAFKA_SASL_USERNAME}, {@code
 * KAFKA_SASL_PASSWORD} and {@code KAFKA_SASL_MECHANISM}, {@code KAFKA_TLS} and {@code
 * KAFKA_TLS_CA_FILE}, {@code RABBIT_*}, {@code HTTP_HOST} and {@code HTTP_PORT} (health only).
 */
public final class MessagingBridgeService {
  private static final String SASL_MECHANISM = "KAFKA_SASL_MECHANISM";
  private static final String TLS = "KAFKA_TLS";
  private static final String TLS_CA_FILE = "KAFKA_TLS_CA_FILE";

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
    Supplier<Optional<KafkaLogin>> login = login(environment);
    Supplier<Boolean> tls =
        environment.value(TLS, "on or off", MessagingBridgeService::onOff).orElse(false);
    Supplier<Optional<String>> certificates = environment.text(TLS_CA_FILE).optional();
    return () -> {
      KafkaSettings.Builder kafka = KafkaSettings.builder(brokers.get()).clientId(clientId.get());
      login.get().ifPresent(kafka::login);
      if (tls.get()) {
        kafka.tls();
      }
      certificates.get().map(Path::of).ifPresent(kafka::tls);
      return MessagingBridge.open(rabbit(access.get()), kafka.build());
    };
  }

  /** To go on without the login that someone half gave would be worse than not to start. */
  private static Supplier<Optional<KafkaLogin>> login(Environment environment) {
    Supplier<Optional<String>> user = environment.text(Variables.KAFKA_SASL_USERNAME).optional();
    Supplier<Optional<Secret>> password =
        environment.secret(Variables.KAFKA_SASL_PASSWORD).optional();
    Supplier<KafkaLogin.Mechanism> mechanism =
        environment
            .value(
                SASL_MECHANISM,
                "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512",
                MessagingBridgeService::mechanism)
            .orElse(KafkaLogin.Mechanism.SCRAM_SHA_256);
    if (environment.has(Variables.KAFKA_SASL_USERNAME)
        != environment.has(Variables.KAFKA_SASL_PASSWORD)) {
      environment.mistake(
          Variables.KAFKA_SASL_USERNAME
              + " and "
              + Variables.KAFKA_SASL_PASSWORD
              + " belong together: set both or neither");
    }
    return () ->
        user.get()
            .flatMap(
                name -> password.get().map(word -> new KafkaLogin(mechanism.get(), name, word)));
  }

  private static KafkaLogin.Mechanism mechanism(String name) {
    return Arrays.stream(KafkaLogin.Mechanism.values())
        .filter(mechanism -> mechanism.wireName().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no such mechanism"));
  }

  private static Boolean onOff(String value) {
    return switch (value) {
      case "on" -> true;
      case "off" -> false;
      default -> throw new IllegalArgumentException("neither on nor off");
    };
  }

  private static RabbitSettings rabbit(RabbitAccess access) {
    return RabbitSettings.builder(access.host(), access.user(), access.password())
        .port(access.port())
        .virtualHost(access.vhost())
        .connectionName(Wire.Services.MESSAGING_BRIDGE)
        .build();
  }
}
