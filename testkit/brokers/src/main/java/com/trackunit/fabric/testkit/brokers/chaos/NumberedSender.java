// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers.chaos;

import com.trackunit.fabric.core.FabricThreads;
import com.trackunit.fabric.testkit.brokers.Ledger;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends numbered messages of a few keys at an even pace, and enters each in the ledger first. */
public final class NumberedSender {
  private static final Logger log = LoggerFactory.getLogger(NumberedSender.class);
  private static final int KEYS = 8;
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final long CATCHES_UP_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** Hands one message to a program. */
  @FunctionalInterface
  public interface Client {
    /**
     * Sends it; what becomes of it goes to the ledger, now or later.
     *
     * @param message entered in the ledger already
     * @throws Exception if that fails: the message stays without an outcome
     */
    void send(NumberedMessage message) throws Exception;
  }

  private final String name;
  private final Ledger ledger;
  private final Client client;
  private final long pauseNanos;
  private final Thread thread;
  private volatile boolean stopped;

  /** Begins to send, on a thread of its own. */
  NumberedSender(Arm arm, int perSecond, Client client) {
    this.name = arm.name();
    this.ledger = arm.ledger();
    this.client = client;
    this.pauseNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
    this.thread = FabricThreads.named("testkit-brokers", "sender").newThread(this::send);
    thread.start();
  }

  private void send() {
    long[] last = new long[KEYS];
    Random random = new Random(name.hashCode());
    long due = System.nanoTime();
    while (!stopped) {
      int key = random.nextInt(KEYS);
      NumberedMessage message = new NumberedMessage(name + "-" + key, ++last[key]);
      ledger.sent(message.id(), message.key(), message.sequence());
      try {
        client.send(message);
      } catch (Exception e) {
        log.error("sender {}: the message {} has no outcome", name, message.id(), e);
      }
      due = Math.max(due + pauseNanos, System.nanoTime() - CATCHES_UP_NANOS);
      LockSupport.parkNanos(due - System.nanoTime());
    }
  }

  /** Sends nothing more, once this has returned. */
  void stop() {
    stopped = true;
    try {
      thread.join(PATIENCE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
