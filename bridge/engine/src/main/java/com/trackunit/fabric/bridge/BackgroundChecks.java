// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.trackunit.fabric.core.FabricThreads;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@link KafkaChecks} beside a route that starts, on a thread of their own: a Kafka that is away,
 * or forbids the questions, must not keep the route. They are asked until there is an answer.
 */
final class BackgroundChecks implements AutoCloseable {
  private static final Duration ASK_AGAIN = Duration.ofSeconds(30);
  private static final Duration GRACE = Duration.ofSeconds(3);
  private static final Logger log = LoggerFactory.getLogger(BackgroundChecks.class);

  private final RouteThread life;
  private final Map<String, Object> clientConfig;
  private final @Nullable String group;
  private final Thread thread;

  private BackgroundChecks(
      RouteThread life, Map<String, Object> clientConfig, @Nullable String group) {
    this.life = life;
    this.clientConfig = clientConfig;
    this.group = group;
    this.thread =
        FabricThreads.named("bridge", life.route().name() + "-checks").newThread(this::run);
  }

  /**
   * Begins to ask.
   *
   * @param group of a route from topics; null for a route to one
   */
  static BackgroundChecks start(
      RouteThread life, Map<String, Object> clientConfig, @Nullable String group) {
    BackgroundChecks checks = new BackgroundChecks(life, clientConfig, group);
    checks.thread.start();
    return checks;
  }

  private void run() {
    Route route = life.route();
    try {
      while (life.closeBy() == null && !ask(route)) {
        Thread.sleep(ASK_AGAIN.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean ask(Route route) throws InterruptedException {
    try (KafkaChecks checks = new KafkaChecks(clientConfig, Clock.systemUTC())) {
      life.warn(checks.warnings(topics(route), group));
      return true;
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      log.info("{}: Kafka was not asked for what may lose messages: {}", route, e.toString());
      return false;
    }
  }

  private List<String> topics(Route route) throws InterruptedException, ExecutionException {
    if (route.isFromQueue()) {
      return List.of(route.target());
    }
    if (route.topicPattern() == null) {
      return route.topics();
    }
    try (Admin admin = Admin.create(clientConfig)) {
      List<String> matching = new ArrayList<>(admin.listTopics().names().get());
      matching.removeIf(topic -> !route.topicPattern().matcher(topic).matches());
      return matching;
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(GRACE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
