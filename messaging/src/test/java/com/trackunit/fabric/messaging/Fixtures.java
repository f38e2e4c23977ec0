// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** What the tests against a real broker share. */
final class Fixtures {
  /** Far more than anything takes; a wait ends as soon as its condition is true. */
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private Fixtures() {}

  static RabbitSettings.Builder settings(RabbitMqNode node) {
    return RabbitSettings.builder(node.host(), node.user(), node.password())
        .port(node.port())
        .connectionName("messaging-test")
        .openTimeout(PATIENCE);
  }

  static RabbitMessaging open(RabbitMqNode node) {
    return RabbitMessaging.open(settings(node).build());
  }

  /** A name nobody else in this broker has. */
  static String fresh(String what) {
    return what + "-" + UUID.randomUUID();
  }

  static Message text(String body) {
    return Message.of(body.getBytes(StandardCharsets.UTF_8));
  }

  static String text(Delivery delivery) {
    return new String(delivery.body(), StandardCharsets.UTF_8);
  }

  static <T> T result(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }
}
