// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.trackunit.fabric.samples.contracts.BackgroundService;
import com.trackunit.fabric.samples.contracts.Environment;
import com.trackunit.fabric.samples.contracts.EnvironmentException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MessagingBridgeServiceTest {
  @Test
  void everyMissingVariableIsNamed() {
    assertThatThrownBy(() -> start(Map.of()))
        .isInstanceOf(EnvironmentException.class)
        .hasMessageContainingAll("KAFKA_BROKERS", "RABBIT_HOST", "RABBIT_USER", "RABBIT_PASS");
  }

  @Test
  void halfALoginIsRefusedInsteadOfLeftOut() {
    Map<String, String> variables =
        Map.of(
            "KAFKA_BROKERS", "localhost:1",
            "RABBIT_HOST", "localhost",
            "RABBIT_USER", "u",
            "RABBIT_PASS", "p",
            "KAFKA_SASL_PASSWORD", "hunter2",
            "KAFKA_SASL_MECHANISM", "GSSAPI",
            "KAFKA_TLS", "maybe");
    assertThatThrownBy(() -> start(variables))
        .isInstanceOf(EnvironmentException.class)
        .hasMessageContainingAll(
            "KAFKA_SASL_USERNAME", "set both or neither", "SCRAM-SHA-512", "on or off")
        .satisfies(e -> assertThat(e.toString()).doesNotContain("hunter"));
  }

  private static void start(Map<String, String> variables) {
    try (BackgroundService service =
        BackgroundService.start(
            "bridge", Environment.of(variables), MessagingBridgeService::reader)) {
      throw new AssertionError("started on port " + service.port());
    }
  }
}
