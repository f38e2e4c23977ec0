// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

/**
 * What a {@link QueueCore} wants done; every answer comes as an event, some time later.
 *
 * @param <M> what is sent
 */
sealed interface QueueCommand<M> {
  /**
   * Make a producer; answer {@link QueueCore#producerReady} or {@link QueueCore#producerLost}. For
   * a transactional route, in this order: initTransactions; the ledger read (read_committed) up to
   * the high watermark taken after that; a round trip on the channel of that epoch, which proves
   * that nobody else was this queue's consumer when the others were fenced off.
   */
  record OpenProducer<M>(long life, long epoch) implements QueueCommand<M> {}

  /** Throw the producer away, without waiting for what it holds. */
  record CloseProducer<M>(long life) implements QueueCommand<M> {}

  /**
   * Hand a message to the producer, in this order; answer {@link QueueCore#confirmed} or {@link
   * QueueCore#failed}. In a transactional route the first one begins the transaction, and its
   * number goes to the ledger in the same transaction; what is skipped goes to the ledger alone.
   *
   * @param sequence to answer with
   * @param layout how many partitions the topic has
   */
  record Send<M>(long life, long sequence, long layout, Held<M> entry) implements QueueCommand<M> {}

  /** Commit; answer {@link QueueCore#committed}, or {@link QueueCore#producerLost} if unknown. */
  record Commit<M>(long life) implements QueueCommand<M> {}

  /** Abort; answer {@link QueueCore#aborted} or {@link QueueCore#producerLost}. */
  record Abort<M>(long life) implements QueueCommand<M> {}

  /** Acknowledge to RabbitMQ; no answer. */
  record Ack<M>(long epoch, long tag, boolean multiple) implements QueueCommand<M> {}

  /** Close the channel, without cancel, nack or release; {@link QueueCore#closed} follows. */
  record AbandonChannel<M>(long epoch, String reason) implements QueueCommand<M> {}
}
