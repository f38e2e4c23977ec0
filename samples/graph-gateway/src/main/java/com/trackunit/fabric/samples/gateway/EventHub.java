// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;

/**
 * The subscriptions that this replica serves, by owner. Nothing is kept: an event goes to those who
 * listen now. Thread-safe, except that {@link #deliver} is called by one thread at a time.
 */
final class EventHub {
  private final Map<Owner, Set<Listener>> listeners = new ConcurrentHashMap<>();

  /**
   * The events of one owner.
   *
   * @param owner whose events
   * @param wanted which of them
   * @return unbounded: a subscriber that has not asked for an event when it comes ends with an
   *     error
   */
  Publisher<Record> events(Owner owner, Predicate<AnalysisEvent> wanted) {
    return subscriber -> {
      Listener listener = new Listener(owner, wanted, subscriber);
      listeners.compute(
          owner,
          (key, known) -> {
            Set<Listener> all = known == null ? ConcurrentHashMap.newKeySet() : known;
            all.add(listener);
            return all;
          });
      subscriber.onSubscribe(listener);
    };
  }

  /**
   * Hands an event to its owner's subscriptions, on the caller's thread.
   *
   * @return how many took it
   */
  int deliver(Owner owner, AnalysisEvent event) {
    int taken = 0;
    for (Listener listener : listeners.getOrDefault(owner, Set.of())) {
      if (listener.offer(event)) {
        taken++;
      }
    }
    return taken;
  }

  /** How many subscriptions there are, over all owners. */
  int size() {
    return listeners.values().stream().mapToInt(Set::size).sum();
  }

  private final class Listener implements org.reactivestreams.Subscription {
    private final Owner owner;
    private final Predicate<AnalysisEvent> wanted;
    private final Subscriber<? super Record> subscriber;
    private final AtomicLong demand = new AtomicLong();
    private final AtomicBoolean over = new AtomicBoolean();

    Listener(Owner owner, Predicate<AnalysisEvent> wanted, Subscriber<? super Record> subscriber) {
      this.owner = owner;
      this.wanted = wanted;
      this.subscriber = subscriber;
    }

    boolean offer(AnalysisEvent event) {
      if (over.get() || !wanted.test(event)) {
        return false;
      }
      if (demand.getAndUpdate(n -> n == Long.MAX_VALUE || n == 0 ? n : n - 1) == 0) {
        cancel();
        subscriber.onError(new IllegalStateException("the subscriber does not keep up"));
        return false;
      }
      subscriber.onNext(event.message());
      return true;
    }

    @Override
    public void request(long n) {
      if (n <= 0) {
        cancel();
        subscriber.onError(new IllegalArgumentException("request " + n + ", expected more than 0"));
        return;
      }
      demand.updateAndGet(now -> now + n < 0 ? Long.MAX_VALUE : now + n);
    }

    @Override
    public void cancel() {
      if (over.compareAndSet(false, true)) {
        listeners.computeIfPresent(
            owner,
            (key, all) -> {
              all.remove(this);
              return all.isEmpty() ? null : all;
            });
      }
    }
  }
}
