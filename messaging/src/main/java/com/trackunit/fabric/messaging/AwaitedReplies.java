// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The requests that have no answer yet. A plain state machine: no clock, no thread, no client. Not
 * thread-safe.
 */
final class AwaitedReplies {
  private final Map<String, Awaited> awaited = new LinkedHashMap<>();

  /** One request; its flag is guarded by whoever guards the replies. */
  static final class Awaited {
    private final String id;
    private final OutgoingMessage.Limit limit;
    private final CompletableFuture<Reply> reply = new CompletableFuture<>();
    private boolean isAtTheBroker;

    Awaited(String id, Duration timeout, long startNanos) {
      this.id = id;
      this.limit = new OutgoingMessage.Limit(timeout, startNanos);
    }

    String id() {
      return id;
    }

    Duration timeout() {
      return limit.timeout();
    }

    OutgoingMessage.Limit limit() {
      return limit;
    }

    CompletableFuture<Reply> reply() {
      return reply;
    }

    boolean isExpired(long nowNanos) {
      return limit.startNanos() + limit.timeout().toNanos() - nowNanos <= 0;
    }
  }

  void expect(Awaited request) {
    awaited.put(request.id(), request);
  }

  /** The broker has taken the request: from now on the answer is tied to this channel. */
  void confirmed(String id) {
    Awaited request = awaited.get(id);
    if (request != null) {
      request.isAtTheBroker = true;
    }
  }

  /** Ends one; null if nobody waits for it any more, or ever did. */
  @Nullable Awaited end(@Nullable String id) {
    return id == null ? null : awaited.remove(id);
  }

  /**
   * Ends all that the broker has taken: their answers had the dead channel's address. Those not
   * confirmed yet are told of by their publish outcome.
   */
  List<Awaited> epochOver() {
    return endAll(request -> request.isAtTheBroker);
  }

  /** Ends those whose time is up, of the ones that the broker has taken. */
  List<Awaited> expire(long nowNanos) {
    return endAll(request -> request.isAtTheBroker && request.isExpired(nowNanos));
  }

  List<Awaited> endAll() {
    return endAll(request -> true);
  }

  private List<Awaited> endAll(Predicate<Awaited> which) {
    List<Awaited> ended = new ArrayList<>();
    awaited
        .values()
        .removeIf(
            request -> {
              boolean ends = which.test(request);
              if (ends) {
                ended.add(request);
              }
              return ends;
            });
    return ended;
  }

  int size() {
    return awaited.size();
  }
}
