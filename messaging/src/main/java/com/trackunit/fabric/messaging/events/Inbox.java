// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging.events;

import com.trackunit.fabric.messaging.Delivery;
import com.trackunit.fabric.messaging.DeliveryHandler;
import java.util.Objects;
import java.util.Optional;

/**
 * A {@link DeliveryHandler} that runs another one once for each message id, as far as its store can
 * tell, and acks repetitions. A message without an id cannot be told from another: it is
 * dead-lettered. The handler settles nothing but failures: it returns when the effect is there, and
 * the inbox acks.
 */
public final class Inbox implements DeliveryHandler {
  private final InboxStore store;
  private final DeliveryHandler handler;

  private Inbox(InboxStore store, DeliveryHandler handler) {
    this.store = store;
    this.handler = handler;
  }

  /**
   * An inbox before a handler.
   *
   * @param store remembers ids
   * @param handler the effect
   * @return to start a consumer with
   */
  public static Inbox before(InboxStore store, DeliveryHandler handler) {
    return new Inbox(
        Objects.requireNonNull(store, "store"), Objects.requireNonNull(handler, "handler"));
  }

  @Override
  public void handle(Delivery delivery) throws Exception {
    Optional<String> id = delivery.messageId();
    if (id.isEmpty()) {
      var unused = delivery.deadLetter("it has no message id, so nobody could tell a repetition");
      return;
    }
    boolean unused = store.once(id.get(), () -> handler.handle(delivery));
    delivery.ackUnlessSettled();
  }
}
