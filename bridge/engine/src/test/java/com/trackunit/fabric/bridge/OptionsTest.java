// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
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
}
