// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import static com.trackunit.fabric.messaging.Fixtures.PATIENCE;
import static com.trackunit.fabric.messaging.Fixtures.fresh;
import static com.trackunit.fabric.messaging.Fixtures.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("broker")
@Tag("contract")
class DeadLettersTest {
  @RegisterExtension private final OneBroker broker = new OneBroker();
  private final String queue = fresh("work");
  private final String dead = queue + ".dead";

  private void declare() {
    Topology.Builder topology = Topology.builder().queue(dead);
    broker.rabbit().apply(topology.queue(queue, q -> q.quorum().deadLetterTo(dead)).build());
  }

  @Test
  void whatWasGivenUpIsListedShownAndReplayedToItsQueueByTheCommand() throws Exception {
    RabbitMessaging rabbit = broker.rabbit();
    declare();
    AtomicBoolean repaired = new AtomicBoolean();
    List<String> handled = new CopyOnWriteArrayList<>();
    rabbit
        .consumer(queue)
        .start(
            delivery -> {
              if (repaired.get()) {
                handled.add(text(delivery) + delivery.attempt());
                delivery.ack();
              } else {
                delivery.deadLetter("no such machine", new IllegalStateException("42"));
              }
            });
    try (Publisher publisher = rabbit.publisher("").build()) {
      for (String id : List.of("a", "b", "c")) {
        var unused = publisher.publishAndWait(text(id).messageId(id).routingKey(queue), PATIENCE);
        assertThat(unused.isConfirmed()).isTrue();
      }
    }
    await().atMost(PATIENCE).until(() -> rabbit.deadLetters(dead).list(10).size() == 3);

    assertThat(run(0, "list", dead)).contains("no such machine", "IllegalStateException: 42", "3 ");
    assertThat(run(0, "show", dead, "b")).contains("x-fabric-original-queue: " + queue, "\nb\n");
    assertThat(run(1, "show", dead, "nobody")).isEmpty();
    assertThat(run(64, "bury", dead)).contains("usage:");
    repaired.set(true);
    assertThat(run(0, "replay", dead, "b")).contains("1 replayed");
    await().atMost(PATIENCE).until(() -> handled.contains("b1"));
    assertThat(run(0, "replay", dead, "--all")).contains("2 replayed");
    await().atMost(PATIENCE).until(() -> handled.size() == 3);
    assertThat(rabbit.deadLetters(dead).list(10)).isEmpty();
    assertThatExceptionOfType(RabbitUnavailableException.class)
        .isThrownBy(() -> rabbit.deadLetters("nobody").list(1))
        .withMessageContaining("404");
  }

  @Test
  void theScriptWorksForAPersonAtAShell() throws Exception {
    RabbitMessaging rabbit = broker.rabbit();
    declare();
    BlockingQueue<String> handled = new LinkedBlockingQueue<>();
    AtomicBoolean repaired = new AtomicBoolean();
    rabbit
        .consumer(queue)
        .start(
            delivery -> {
              if (repaired.get()) {
                delivery.ack();
                handled.add(text(delivery));
              } else {
                delivery.deadLetter("no such machine");
              }
            });
    try (Publisher publisher = rabbit.publisher("").build()) {
      assertThat(
              publisher
                  .publishAndWait(text("body of a").messageId("a").routingKey(queue), PATIENCE)
                  .isConfirmed())
          .isTrue();
    }
    await().atMost(PATIENCE).until(() -> rabbit.deadLetters(dead).list(10).size() == 1);

    assertThat(script(0, "list", dead)).contains("a ", "no such machine", "1 dead letters");
    assertThat(script(0, "show", dead, "a")).contains("x-fabric-dead-reason: ", "body of a");
    assertThat(script(1, "replay", dead, "nobody")).contains("0 replayed");
    repaired.set(true);
    assertThat(script(0, "replay", dead, "a")).contains("1 replayed");
    assertThat(handled.poll(60, TimeUnit.SECONDS)).isEqualTo("body of a");
    assertThat(script(0, "list", dead)).contains("0 dead letters");
    assertThat(script(64, "list")).contains("usage:");
  }

  private String script(int expected, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("fabric.root"), "script", "dead-letters").toString());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("FABRIC_RABBITMQ_URI", broker.node().amqpUri());
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isEqualTo(expected);
    return said;
  }

  private String run(int expected, String... arguments) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    Map<String, String> environment = Map.of("FABRIC_RABBITMQ_URI", broker.node().amqpUri());
    int exit = new DeadLettersCommand(environment, out).run(List.of(arguments));
    String said = bytes.toString(StandardCharsets.UTF_8);
    assertThat(exit).as(said).isEqualTo(expected);
    return said;
  }
}
