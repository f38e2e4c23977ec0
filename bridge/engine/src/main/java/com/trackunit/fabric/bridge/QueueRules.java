// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

/**
 * What a {@link QueueCore} is to keep to.
 *
 * @param isTransactional effectively once: transactions and a ledger
 * @param transactionCount how many messages a transaction may have
 * @param refusesMissingIds effectively once only: a message without an id is a matter of the error
 *     policy; else it is sent, at least once
 * @param errorPolicy for what Kafka does not take
 */
record QueueRules(
    boolean isTransactional,
    int transactionCount,
    boolean refusesMissingIds,
    ErrorPolicy errorPolicy) {
  static QueueRules atLeastOnce(ErrorPolicy policy) {
    return new QueueRules(false, Integer.MAX_VALUE, false, policy);
  }
}
