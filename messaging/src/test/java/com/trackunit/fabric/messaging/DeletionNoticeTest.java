// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class DeletionNoticeTest {
  @Test
  void onlyRabbitMq3NeedsIt() {
    assertThat(isRabbitMq3("RabbitMQ", "3.8.2")).isTrue();
    assertThat(isRabbitMq3("RabbitMQ", "3.13.7")).isTrue();
    assertThat(isRabbitMq3("RabbitMQ", "4.0.5")).isFalse();
    assertThat(isRabbitMq3("RabbitMQ", "30.1.0")).isFalse();
    assertThat(isRabbitMq3("Another", "3.8.2")).isFalse();
    assertThat(DeletionNotice.isRabbitMq3(Map.of())).isFalse();
  }

  private static boolean isRabbitMq3(String product, String version) {
    return DeletionNotice.isRabbitMq3(Map.of("product", product, "version", version));
  }
}
