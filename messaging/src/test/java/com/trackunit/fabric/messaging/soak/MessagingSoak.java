// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging.soak;

import com.trackunit.fabric.messaging.Consumer;
import com.trackunit.fabric.messaging.Message;
import com.trackunit.fabric.messaging.Publisher;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.messaging.RabbitSettings;
import com.trackunit.fabric.messaging.Topology;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/** The run behind {@code script/soak messaging}. */
final class MessagingSoak {
  private static final String USAGE = "usage: script/soak messaging [--messages N]";
  private static final String QUEUE = "soak";
  private static final int SAMPLES = 20;
  private static final int BODY_BYTES = 200;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** A sample may be this far above the first one: what lies in the window varies. */
  private static final long SLACK_BYTES = 8 << 20;

  /** Workers end after ten idle seconds and come again when there is work. */
  private static final int WORKERS_THAT_COME_AND_GO = 2;

  /**
   * What is held at one moment.
   *
   * @param messages consumed by then
   * @param heapBytes used after a collection
   * @param threads alive in this JVM
   * @param channels that the broker counts
   */
  record Sample(long messages, long heapBytes, int threads, long channels) {}

  private final AtomicLong consumed = new AtomicLong();
  private final AtomicLong unconfirmed = new AtomicLong();
  private final AtomicLong outOfOrder = new AtomicLong();
  private final List<Sample> samples = new ArrayList<>();
  private final RabbitMqNode node;

  private MessagingSoak(RabbitMqNode node) {
    this.node = node;
  }

  /** Runs it and exits: 0 held, 1 not, 64 wrong usage. */
  public static void main(String[] arguments) throws Exception {
    long messages = 10_000_000;
    if (arguments.length == 2 && arguments[0].equals("--messages")) {
      messages = Long.parseLong(arguments[1]);
    } else if (arguments.length != 0) {
      System.err.println(USAGE);
      System.exit(64);
    }
    boolean held;
    try (RabbitMqNode node = RabbitMqNode.start()) {
      held = new MessagingSoak(node).run(messages);
    }
    System.exit(held ? 0 : 1);
  }

  private boolean run(long messages) throws Exception {
    long start = System.nanoTime();
    try (RabbitMessaging rabbit =
        RabbitMessaging.open(
            RabbitSettings.builder(node.host(), node.user(), node.password())
                .port(node.port())
                .build())) {
      rabbit.apply(Topology.builder().queue(QUEUE, q -> q.classic()).build());
      try (Consumer consumer = rabbit.consumer(QUEUE).start(this::consume);
          Publisher publisher = rabbit.publisher("").build()) {
        System.out.printf(
            "%12s %12s %8s %9s  %s%n", "messages", "heap KiB", "threads", "channels", consumer);
        publish(publisher, messages);
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    boolean held = isHeld(messages);
    write(messages, seconds, held);
    System.out.printf(
        Locale.ROOT,
        "%s: %d messages in %.0f s (%.0f a second), not confirmed %d, out of order %d; heap, threads and"
            + " channels %s%n",
        held ? "PASS" : "FAIL",
        consumed.get(),
        seconds,
        messages / seconds,
        unconfirmed.get(),
        outOfOrder.get(),
        held ? "as at the start" : "are to be compared above");
    return held;
  }

  private void consume(com.trackunit.fabric.messaging.Delivery delivery) {
    long sequence = ByteBuffer.wrap(delivery.body()).getLong();
    if (sequence != consumed.get()) {
      outOfOrder.incrementAndGet();
    }
    var unused = delivery.ack();
    consumed.incrementAndGet();
  }

  private void publish(Publisher publisher, long messages) throws InterruptedException {
    long each = Math.max(1, messages / SAMPLES);
    for (long i = 0; i < messages; i++) {
      byte[] body = new byte[BODY_BYTES];
      ByteBuffer.wrap(body).putLong(i);
      var unused =
          publisher
              .publish(Message.of(body).routingKey(QUEUE))
              .whenComplete(
                  (outcome, failure) -> {
                    if (outcome == null || !outcome.isConfirmed()) {
                      unconfirmed.incrementAndGet();
                    }
                  });
      if ((i + 1) % each == 0) {
        awaitConsumed(i + 1);
        sample();
      }
    }
    awaitConsumed(messages);
  }

  private void awaitConsumed(long count) throws InterruptedException {
    long limit = System.nanoTime() + LIMIT.toNanos();
    while (consumed.get() < count) {
      if (System.nanoTime() > limit) {
        throw new IllegalStateException(
            "consumed " + consumed + " of " + count + " within " + LIMIT + " of the last publish");
      }
      Thread.sleep(20);
    }
  }

  private void sample() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    long channels =
        node.rabbitmqctl("list_channels", "pid").lines().filter(l -> l.startsWith("<")).count();
    Sample sample =
        new Sample(
            consumed.get(),
            runtime.totalMemory() - runtime.freeMemory(),
            ManagementFactory.getThreadMXBean().getThreadCount(),
            channels);
    samples.add(sample);
    System.out.printf(
        "%12d %12d %8d %9d%n",
        sample.messages(), sample.heapBytes() >> 10, sample.threads(), sample.channels());
  }

  /** Against the first sample, when everything is open and warm. */
  private boolean isHeld(long messages) {
    Sample first = samples.get(0);
    return consumed.get() == messages
        && unconfirmed.get() == 0
        && outOfOrder.get() == 0
        && samples.stream()
            .allMatch(
                sample ->
                    sample.heapBytes() <= first.heapBytes() + SLACK_BYTES
                        && sample.threads() <= first.threads() + WORKERS_THAT_COME_AND_GO
                        && sample.channels() == first.channels());
  }

  private void write(long messages, double seconds, boolean held) throws Exception {
    List<String> lines = new ArrayList<>();
    for (Sample sample : samples) {
      lines.add(
          String.format(
              Locale.ROOT,
              "    {\"messages\": %d, \"heap_bytes\": %d, \"threads\": %d, \"channels\": %d}",
              sample.messages(),
              sample.heapBytes(),
              sample.threads(),
              sample.channels()));
    }
    Path file = Path.of("target", "soak", "messaging.json");
    Files.createDirectories(file.getParent());
    Files.writeString(
        file,
        String.format(
            Locale.ROOT,
            "{%n  \"messages\": %d,%n  \"seconds\": %.1f,%n  \"not_confirmed\": %d,%n"
                + "  \"out_of_order\": %d,%n  \"held\": %b,%n  \"samples\": [%n%s%n  ]%n}%n",
            messages,
            seconds,
            unconfirmed.get(),
            outOfOrder.get(),
            held,
            String.join(",\n", lines)));
  }
}
