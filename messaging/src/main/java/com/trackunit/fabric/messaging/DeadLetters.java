// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * Looks into a dead-letter queue and sends messages back to where they came from; from {@link
 * RabbitMessaging#deadLetters}. Thread-safe. Every call blocks, on a channel of its own.
 */
public final class DeadLetters {
  private static final Duration CONFIRM = Duration.ofSeconds(30);

  private final String queue;
  private final RabbitMessaging messaging;

  DeadLetters(String queue, RabbitMessaging messaging) {
    this.queue = Objects.requireNonNull(queue, "queue");
    this.messaging = messaging;
  }

  /**
   * Looks at the oldest messages and gives them back. While it looks, other consumers do not see
   * them; afterwards a quorum queue has them at its end (before RabbitMQ 4), with one more delivery
   * counted.
   *
   * @param limit how many at most; 1 to 10,000
   * @return in the queue's order
   * @throws RabbitUnavailableException if the queue cannot be read
   */
  public List<DeadLetter> list(int limit) {
    Bounds.number("dead letters: limit", limit, 1, 10_000);
    List<DeadLetter> found = new ArrayList<>();
    onChannel(
        channel -> {
          GetResponse got = channel.basicGet(queue, false);
          while (got != null) {
            found.add(new DeadLetter(got));
            got = found.size() < limit ? channel.basicGet(queue, false) : null;
          }
        }); // closing the channel gives all of them back
    return found;
  }

  /**
   * Publishes messages again to the queue that gave them up ({@link DeadLetter#originalQueue}),
   * else to the exchange they came from; each is removed here when that is confirmed. Their
   * attempts count from one again, what was said of their failure is removed.
   *
   * @param chosen which ones
   * @param limit how many to look at, at most; 1 to 10,000
   * @return how many were sent back; the others are still here
   * @throws RabbitUnavailableException if the queue cannot be read
   * @throws InterruptedException if interrupted; the one on its way may arrive and stay here as
   *     well
   */
  public int replay(Predicate<DeadLetter> chosen, int limit) throws InterruptedException {
    Bounds.number("dead letters: limit", limit, 1, 10_000);
    int[] replayed = new int[1];
    boolean[] interrupted = new boolean[1];
    onChannel(
        channel -> {
          for (int looked = 0; looked < limit && !interrupted[0]; looked++) {
            GetResponse got = channel.basicGet(queue, false);
            if (got == null) {
              return;
            }
            DeadLetter letter = new DeadLetter(got);
            try {
              if (chosen.test(letter) && sendBack(letter)) {
                channel.basicAck(got.getEnvelope().getDeliveryTag(), false);
                replayed[0]++;
              }
            } catch (InterruptedException e) {
              interrupted[0] = true;
            }
          }
        });
    if (interrupted[0]) {
      throw new InterruptedException("replay of '" + queue + "' after " + replayed[0]);
    }
    return replayed[0];
  }

  private boolean sendBack(DeadLetter letter) throws InterruptedException {
    Map<String, Object> headers = new LinkedHashMap<>(letter.headers());
    headers.keySet().removeIf(name -> name.startsWith("x-fabric-") || name.startsWith("x-death"));
    headers.remove("x-delivery-count");
    headers.remove("x-first-death-queue");
    headers.remove("x-first-death-reason");
    headers.remove("x-first-death-exchange");
    boolean toQueue = letter.originalQueue().isPresent();
    if (toQueue) {
      headers.put(Attempts.ORIGINAL_EXCHANGE, letter.originalExchange());
      headers.put(Attempts.ORIGINAL_ROUTING_KEY, letter.originalRoutingKey());
    }
    String id = letter.properties().getMessageId();
    AMQP.BasicProperties properties =
        letter
            .properties()
            .builder()
            .headers(headers)
            .messageId(id != null ? id : UUID.randomUUID().toString())
            .userId(null)
            .build();
    Publisher relay = messaging.relay(toQueue ? "" : letter.originalExchange());
    String key = letter.originalQueue().orElse(letter.originalRoutingKey());
    return relay.publishAndWait(key, properties, letter.body(), CONFIRM).isConfirmed();
  }

  @FunctionalInterface
  private interface Work {
    void on(Channel channel) throws IOException;
  }

  private void onChannel(Work work) {
    try {
      Channel channel = messaging.channelForLooking();
      try {
        work.on(channel);
      } finally {
        channel.abort();
      }
    } catch (IOException | ShutdownSignalException e) {
      throw new RabbitUnavailableException(
          "dead letters of '"
              + queue
              + "': "
              + Causes.describe(e)
              + "; check the queue's name and kind, or try again",
          e);
    }
  }
}
