// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import graphql.ExecutionResult;
import graphql.GraphQLError;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One operation on a socket, from {@code subscribe} to its last message: a query or mutation ends
 * with its one answer, a subscription when either side says {@code complete}. Thread-safe.
 */
final class SocketOperation implements Subscriber<ExecutionResult> {
  private static final Logger log = LoggerFactory.getLogger(SocketOperation.class);

  private final String id;
  private final GraphqlSocket socket;
  private @Nullable Subscription upstream;
  private boolean isCancelled;

  SocketOperation(String id, GraphqlSocket socket) {
    this.id = id;
    this.socket = socket;
  }

  /** Takes what the engine made of the request. */
  void answered(@Nullable ExecutionResult result, @Nullable Throwable failure) {
    if (result == null) {
      log.error("an operation failed unexpectedly", failure);
      refuse(Refusal.of(500, "INTERNAL", "an internal error"));
    } else if (result.<Object>getData() instanceof Publisher<?> publisher) {
      subscribeTo(publisher);
    } else if (result.isDataPresent()) {
      onNext(result);
      onComplete();
    } else {
      end("error", result.getErrors().stream().map(GraphQLError::toSpecification).toList());
    }
  }

  /** Ends it with one error. */
  void refuse(Refusal refusal) {
    end("error", List.of(refusal.toGraphqlError()));
  }

  /** Lets go of the events; sends nothing. */
  void cancel() {
    Subscription open;
    synchronized (this) {
      isCancelled = true;
      open = upstream;
    }
    if (open != null) {
      open.cancel();
    }
  }

  @Override
  public void onSubscribe(Subscription subscription) {
    boolean isLate;
    synchronized (this) {
      upstream = subscription;
      isLate = isCancelled;
    }
    if (isLate) {
      subscription.cancel();
    } else {
      // The socket's outbox is the bound: who cannot keep up is closed, not waited for.
      subscription.request(Long.MAX_VALUE);
    }
  }

  @Override
  public void onNext(ExecutionResult result) {
    if (socket.isRunning(id, this)) {
      socket.send("next", id, result.toSpecification());
    }
  }

  @Override
  public void onError(Throwable failure) {
    log.error("a subscription failed unexpectedly", failure);
    refuse(Refusal.of(500, "INTERNAL", "an internal error"));
  }

  @Override
  public void onComplete() {
    end("complete", null);
  }

  private void end(String type, @Nullable List<Map<String, Object>> payload) {
    if (socket.finish(id, this)) {
      socket.send(type, id, payload);
    }
  }

  // graphql-java declares a subscription's data as a publisher of its own results.
  @SuppressWarnings("unchecked")
  private void subscribeTo(Publisher<?> publisher) {
    ((Publisher<ExecutionResult>) publisher).subscribe(this);
  }
}
