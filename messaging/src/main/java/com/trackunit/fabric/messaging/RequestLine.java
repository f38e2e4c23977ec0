// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.rabbitmq.client.AMQP;
import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.messaging.AwaitedReplies.Awaited;
import com.trackunit.fabric.messaging.RequestFailedException.Reason;
import com.trackunit.fabric.messaging.channel.ChannelEvents;
import com.trackunit.fabric.messaging.channel.ChannelPort;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests out and replies in, over one channel: the requests are published by a {@link
 * PublishLine}, the replies matched here. Its lock is the last one taken, and held for moments.
 */
final class RequestLine implements ChannelEvents {
  private static final Logger log = LoggerFactory.getLogger(RequestLine.class);

  private final PublishLine publishing;
  private final Workers workers;
  private final SerialTasks completions;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private final AwaitedReplies awaited = new AwaitedReplies(); // guarded by lock
  private boolean closing; // guarded by lock

  RequestLine(PublishLine publishing, Workers workers) {
    this.publishing = publishing;
    this.workers = workers;
    this.completions = new SerialTasks(workers.pool());
  }

  /** Sends a request; blocks as {@link PublishLine#send} does. */
  void send(Awaited request, OutgoingMessage message) {
    boolean isTooLate;
    lock.lock();
    try {
      isTooLate = closing;
      if (!isTooLate) {
        awaited.expect(request);
      }
    } finally {
      lock.unlock();
    }
    if (isTooLate) {
      fail(request, closed(request));
      return;
    }
    var unused =
        message.outcome().whenComplete((outcome, notSent) -> published(request, outcome, notSent));
    publishing.send(message);
  }

  /** Runs inline, wherever the outcome is told: under the state lock of the publish line. */
  private void published(
      Awaited request, @Nullable PublishOutcome outcome, @Nullable Throwable notSent) {
    if (outcome instanceof PublishOutcome.Confirmed) {
      lock.lock();
      try {
        awaited.confirmed(request.id());
      } finally {
        lock.unlock();
      }
      return;
    }
    Awaited open;
    boolean isClosing;
    lock.lock();
    try {
      open = awaited.end(request.id());
      isClosing = closing;
      ended.signalAll();
    } finally {
      lock.unlock();
    }
    if (open != null) {
      fail(open, isClosing ? closed(open) : why(open, outcome, notSent));
    }
  }

  private RequestFailedException why(
      Awaited request, @Nullable PublishOutcome outcome, @Nullable Throwable notSent) {
    String what = "request " + request.id() + ": ";
    if (outcome instanceof PublishOutcome.Returned returned) {
      return new RequestFailedException(
          Reason.NO_ROUTE,
          what + "no queue is bound for it (" + returned.text() + "); bind one, then ask again");
    } else if (outcome instanceof PublishOutcome.Rejected) {
      return new RequestFailedException(
          Reason.REJECTED, what + "its queue refused it, as a full one does; ask again later");
    } else if (outcome instanceof PublishOutcome.Unknown unknown) {
      return request.isExpired(workers.ticker().nanos())
          ? RequestFailedException.atDeadline(request.id(), request.timeout())
          : unknown(request, unknown.reason());
    }
    Throwable cause =
        notSent instanceof CompletionException && notSent.getCause() != null
            ? notSent.getCause()
            : notSent;
    String seen = cause == null ? "not sent" : String.valueOf(cause.getMessage());
    boolean isClosed = cause instanceof NotPublishedException e && !e.isRetryable();
    return new RequestFailedException(isClosed ? Reason.CLOSED : Reason.NOT_SENT, what + seen);
  }

  private static RequestFailedException unknown(Awaited request, String reason) {
    return new RequestFailedException(
        Reason.UNKNOWN,
        "request "
            + request.id()
            + ": its channel is gone before an answer came ("
            + reason
            + "); it may have been handled: ask again only if that does no harm");
  }

  private static RequestFailedException closed(Awaited request) {
    return new RequestFailedException(
        Reason.CLOSED, "request " + request.id() + ": the requester was closed");
  }

  private void fail(Awaited request, RequestFailedException failure) {
    completions.execute(() -> request.reply().completeExceptionally(failure));
  }

  @Override
  public void opened(ChannelPort channel) {
    publishing.opened(channel);
  }

  @Override
  public void confirmed(long epoch, long sequence, boolean multiple) {
    publishing.confirmed(epoch, sequence, multiple);
  }

  @Override
  public void nacked(long epoch, long sequence, boolean multiple) {
    publishing.nacked(epoch, sequence, multiple);
  }

  @Override
  public void returned(
      long epoch,
      int replyCode,
      String replyText,
      String exchange,
      String routingKey,
      AMQP.BasicProperties properties) {
    publishing.returned(epoch, replyCode, replyText, exchange, routingKey, properties);
  }

  @Override
  public void blocked(String reason) {
    publishing.blocked(reason);
  }

  @Override
  public void unblocked() {
    publishing.unblocked();
  }

  @Override
  public void delivered(
      long epoch,
      long deliveryTag,
      boolean redelivered,
      String exchange,
      String routingKey,
      AMQP.BasicProperties properties,
      byte[] body) {
    Awaited request;
    lock.lock();
    try {
      request = awaited.end(properties.getCorrelationId());
      ended.signalAll();
    } finally {
      lock.unlock();
    }
    if (request == null) {
      log.debug("a reply that nobody waits for any more is dropped");
    } else {
      completions.execute(() -> request.reply().complete(new Reply(properties, body)));
    }
  }

  @Override
  public void closed(long epoch, String reason) {
    publishing.closed(epoch, reason);
    endAll(AwaitedReplies::epochOver, request -> unknown(request, reason));
  }

  /** Called by the timer. */
  void expire() {
    publishing.expire();
    long now = workers.ticker().nanos();
    endAll(
        replies -> replies.expire(now),
        request -> RequestFailedException.atDeadline(request.id(), request.timeout()));
  }

  private void endAll(
      Function<AwaitedReplies, List<Awaited>> which,
      Function<Awaited, RequestFailedException> failure) {
    List<Awaited> over;
    boolean isClosing;
    lock.lock();
    try {
      over = which.apply(awaited);
      isClosing = closing;
      ended.signalAll();
    } finally {
      lock.unlock();
    }
    over.forEach(request -> fail(request, isClosing ? closed(request) : failure.apply(request)));
  }

  int inFlight() {
    lock.lock();
    try {
      return awaited.size();
    } finally {
      lock.unlock();
    }
  }

  /** Accepts nothing more and waits for the replies; false if the deadline passed first. */
  boolean closeAndAwait(Deadline deadline) {
    lock.lock();
    try {
      closing = true;
      while (awaited.size() > 0) {
        long left = deadline.remaining().toNanos();
        if (left == 0) {
          return false;
        }
        boolean unused = ended.await(left, TimeUnit.NANOSECONDS);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** Ends what is left, after the channel has been closed. */
  void end() {
    publishing.end();
    endAll(AwaitedReplies::endAll, RequestLine::closed);
  }
}
