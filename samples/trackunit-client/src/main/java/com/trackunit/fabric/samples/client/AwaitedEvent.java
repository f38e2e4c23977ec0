// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.FabricException;
import com.trackunit.fabric.core.Ticker;
import com.trackunit.fabric.samples.client.TrackunitClientException.Reason;
import com.trackunit.fabric.samples.contracts.ContractCodec;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The first event of one subscription that belongs to a photo. Thread-safe.
 *
 * @param <T> the contract of the event
 */
final class AwaitedEvent<T extends Record> {
  private final Subscription subscription;
  private final CompletableFuture<Arrival<T>> arrival = new CompletableFuture<>();

  /**
   * An event and when it came, by the ticker.
   *
   * @param event decoded and checked
   * @param nanos the ticker's reading
   */
  record Arrival<T extends Record>(T event, long nanos) {}

  /**
   * @param field the subscription's root field, with an argument {@code objectKey}
   * @param selection the members of the event to ask for
   * @param contract what the event is
   * @param objectKey whose events count
   */
  AwaitedEvent(String field, String selection, Class<T> contract, String objectKey, Ticker ticker) {
    String query =
        "subscription($objectKey: String) { "
            + field
            + "(objectKey: $objectKey) { "
            + selection
            + " } }";
    this.subscription =
        new Subscription(
            field,
            query,
            Map.of("objectKey", objectKey),
            event -> {
              if (objectKey.equals(event.path("objectKey").asText())) {
                arrival.complete(new Arrival<>(decode(event, contract), ticker.nanos()));
              }
            });
  }

  Subscription subscription() {
    return subscription;
  }

  /** Waits until it comes, the socket gives up or the deadline passes. */
  Arrival<T> await(SubscriptionSocket socket, Deadline deadline) {
    return await(arrival, socket, subscription.field(), deadline);
  }

  static <V> V await(
      CompletableFuture<V> future, SubscriptionSocket socket, String what, Deadline deadline) {
    try {
      CompletableFuture<Object> either = CompletableFuture.anyOf(future, socket.failure());
      Object unused = either.get(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
      return future.join();
    } catch (TimeoutException e) {
      throw Deadlines.passed(what);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TrackunitClientException(Reason.INTERRUPTED, what + ": interrupted", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof FabricException known
          ? known
          : new TrackunitClientException(Reason.PROTOCOL, what + ": failed", e);
    }
  }

  private static <T extends Record> T decode(JsonNode event, Class<T> contract) {
    return ContractCodec.decode(Json.bytes(event), contract);
  }
}
