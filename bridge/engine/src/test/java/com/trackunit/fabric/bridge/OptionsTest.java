// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.trackunit.fabric.core.Secret;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.config.types.Password;
import org.junit.jupiter.api.Test;

class OptionsTest {
  @Test
  void aRouteIsNamedByItsEnds() {
    Route route = Route.fromTopic("tu.images.uploaded").toExchange("tu.image.uploaded");

    assertThat(route.name()).isEqualTo("tu.images.uploaded-to-tu.image.uploaded");
    assertThat(route.named("photos").name()).isEqualTo("photos");
    assertThat(route.named("photos").target()).isEqualTo("tu.image.uploaded");
  }

  @Test
  void badOptionsAreRefusedAtOnceNamingWhatWasSeen() {
    Route route = Route.fromTopic("t").toExchange("e");

    assertThatIllegalArgumentException().isThrownBy(() -> Route.fromTopic(" "));
    assertThatIllegalArgumentException().isThrownBy(() -> Route.fromTopic("t").toExchange(""));
    assertThatIllegalArgumentException().isThrownBy(() -> route.named(""));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> route.inFlight(0, 1))
        .withMessageContaining("t-to-e")
        .withMessageContaining("0 messages");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KafkaSettings.builder(""))
        .withMessageContaining("bootstrapServers");
  }

  @Test
  void theConsumerCommitsByHandAndNeverResetsByItself() {
    Map<String, Object> config =
        KafkaSettings.builder("kafka:9092").clientId("me").build().consumerConfig("g", "r");

    assertThat(config)
        .containsEntry("group.id", "g")
        .containsEntry("client.id", "me-r")
        .containsEntry("enable.auto.commit", false)
        .containsEntry("auto.offset.reset", "none")
        .containsEntry("group.protocol", "classic");
  }

  @Test
  void tlsAndLoginReachTheClientsAndThePasswordShowsNowhere() {
    KafkaSettings settings =
        KafkaSettings.builder("kafka:9093")
            .tls(Path.of("/etc/ca.pem"))
            .login(
                new KafkaLogin(
                    KafkaLogin.Mechanism.SCRAM_SHA_512, "bridge", Secret.of("pa\"ss\\word")))
            .build();

    Map<String, Object> config = settings.toBuilder().build().clientConfig("x");

    assertThat(config)
        .containsEntry("security.protocol", "SASL_SSL")
        .containsEntry("sasl.mechanism", "SCRAM-SHA-512")
        .containsEntry("ssl.truststore.location", "/etc/ca.pem");
    assertThat(Objects.requireNonNull((Password) config.get("sasl.jaas.config")).value())
        .endsWith("username=\"bridge\" password=\"pa\\\"ss\\\\word\";");
    assertThat(settings.toString() + config).contains("bridge").doesNotContain("word\"");
  }

  @Test
  void aPasswordIsNotSentReadableToAnotherMachine() {
    KafkaLogin plain = new KafkaLogin(KafkaLogin.Mechanism.PLAIN, "bridge", Secret.of("s3cret"));

    assertThatThrownBy(() -> KafkaSettings.builder("localhost:1,kafka:9092").login(plain).build())
        .hasMessageContaining("tls()")
        .hasMessageNotContaining("s3cret");
    assertThat(KafkaSettings.builder("127.0.0.1:9092").login(plain).build()).isNotNull();
  }

  @Test
  void whatARouteCannotDoIsRefusedAtOnce() {
    Route toExchange = Route.fromTopic("t").toExchange("x");

    assertThatThrownBy(toExchange::effectivelyOnce).hasMessageContaining("at least once");
    assertThatThrownBy(() -> toExchange.maxHops(0)).hasMessageContaining("maxHops is 0");
    assertThatThrownBy(() -> ErrorPolicy.skip().afterAttempts(0)).hasMessageContaining("is 0");
    assertThatThrownBy(() -> Route.fromTopics(List.of())).hasMessageContaining("no topic");
    assertThat(toExchange.strictOrder().inFlightCount()).isEqualTo(1);
    assertThat(toExchange.inFlightCount()).as("a copy was changed").isEqualTo(1_000);
  }

  @Test
  void theRoutesOfTheGuideGoWhereTheySay() {
    Route photos = Route.fromTopic("tu.images.uploaded").toExchange("tu.image.uploaded");
    Route started =
        Route.fromQueue("bridge.analysis-started").toTopic("tu.analysis.started").effectivelyOnce();

    assertThat(photos.isFromQueue()).isFalse();
    assertThat(started.isFromQueue()).isTrue();
    assertThat(started.isEffectivelyOnce()).isTrue();
  }
}
