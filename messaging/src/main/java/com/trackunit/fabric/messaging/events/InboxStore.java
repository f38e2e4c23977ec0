// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging.events;

/**
 * Remembers which messages had their effect, so that a repeated one has none. What it guarantees is
 * its own: a store that commits the id together with the effect (one database transaction) makes
 * the effect happen once; a store in memory ({@link MemoryInbox}) only makes repetitions rarer.
 */
@FunctionalInterface
public interface InboxStore {
  /** What the message is to bring about. */
  @FunctionalInterface
  interface Effect {
    /**
     * Runs it, within the store's transaction if it has one.
     *
     * @throws Exception any failure; nothing is remembered then
     */
    void run() throws Exception;
  }

  /**
   * Runs the effect unless it is known to have run. Thread-safe.
   *
   * @param messageId which message it is of
   * @param effect what to run
   * @return false if it had run before
   * @throws Exception what the effect or the store met; the attempt has failed
   */
  boolean once(String messageId, Effect effect) throws Exception;
}
