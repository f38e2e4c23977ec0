// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers.chaos;

/**
 * What the programs under test have counted themselves on an arm, and a ledger cannot know.
 *
 * @param overtaken messages that came back and were sent again behind later ones
 * @param beyondLedger redeliveries that a deduplicating program had forgotten already
 */
public record Told(long overtaken, long beyondLedger) {
  /** Of a program that counts nothing. */
  public static final Told NOTHING = new Told(0, 0);
}
