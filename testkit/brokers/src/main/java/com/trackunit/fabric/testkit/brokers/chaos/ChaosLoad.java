// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers.chaos;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a {@link ChaosProgram} inflicts its faults on: brokers, the programs under test, senders and
 * readers. A module says which; this keeps them, and closes them in reverse order.
 *
 * <p>Used by one thread.
 */
public abstract class ChaosLoad implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ChaosLoad.class);

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final List<NumberedSender> senders = new ArrayList<>();

  /** Nothing runs yet. */
  protected ChaosLoad() {}

  /**
   * The ways that messages go, those of naive programs included.
   *
   * @return the same at each call
   */
  public abstract List<Arm> arms();

  /** Stops the senders; on return each message has its outcome. */
  public abstract void stopSending();

  /**
   * Whether nothing is on its way, as far as it can be asked.
   *
   * @return true if the ledgers may be judged
   */
  public abstract boolean isDrained();

  /**
   * What the programs under test have counted themselves on an arm.
   *
   * @param arm one of {@link #arms}
   * @return nothing unless overridden
   */
  public Told told(Arm arm) {
    return Told.NOTHING;
  }

  /**
   * Keeps a part until this is closed.
   *
   * @param <T> its type
   * @param part closed before those that were opened earlier
   * @return the part
   */
  protected final <T extends AutoCloseable> T open(T part) {
    opened.push(part);
    return part;
  }

  /**
   * Begins to send on an arm.
   *
   * @param arm gets an entry for each message
   * @param perSecond how many
   * @param client sends one and tells the ledger its outcome
   */
  protected final void send(Arm arm, int perSecond, NumberedSender.Client client) {
    senders.add(new NumberedSender(arm, perSecond, client));
  }

  /** Sends nothing more; outcomes may still be awaited. */
  protected final void stopSenders() {
    senders.forEach(NumberedSender::stop);
  }

  @Override
  public void close() {
    stopSenders();
    while (!opened.isEmpty()) {
      AutoCloseable part = opened.pop();
      try {
        part.close();
      } catch (Exception e) {
        log.error("{} could not be closed; the others are", part, e);
      }
    }
  }
}
