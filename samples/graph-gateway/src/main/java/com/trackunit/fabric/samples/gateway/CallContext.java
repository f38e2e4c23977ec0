// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.TraceParent;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who calls, and under which ids.
 *
 * @param caller null where the request carried no token
 * @param requestedCorrelation the correlation id that the client sent, if it sent a usable one
 * @param correlation the one that goes on from here: the client's, else a new one
 * @param trace goes on from here: the client's, else a new one
 */
record CallContext(
    @Nullable Caller caller,
    Optional<CorrelationId> requestedCorrelation,
    CorrelationId correlation,
    TraceParent trace) {

  /** Takes what came in the headers, as far as it is usable, and makes the rest. */
  static CallContext of(@Nullable String correlation, @Nullable String traceParent) {
    Optional<CorrelationId> requested =
        Optional.ofNullable(correlation).filter(CorrelationId::isValid).map(CorrelationId::new);
    return new CallContext(
        null,
        requested,
        requested.orElseGet(CorrelationId::random),
        Optional.ofNullable(traceParent)
            .flatMap(TraceParent::parse)
            .orElseGet(TraceParent::random));
  }

  /** The same call, now that its sender is known. */
  CallContext by(@Nullable Caller known) {
    return new CallContext(known, requestedCorrelation, correlation, trace);
  }

  /** The owner, where the engine has let a call pass that needs one. */
  Owner owner() {
    if (caller == null) {
      throw new IllegalStateException("a call without a token reached a field that needs one");
    }
    return caller.owner();
  }
}
