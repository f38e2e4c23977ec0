// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.TraceParent;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * Carries {@value CorrelationId#HEADER} and {@value TraceParent#HEADER} from a delivery to its
 * handler's thread and from there into what it publishes. They stand in SLF4J's MDC under the names
 * of their headers, so that every line of the handler's log has them too.
 */
final class Propagation {
  private Propagation() {}

  /** A message's headers, with those of the current thread that it does not have itself. */
  static Map<String, Object> headers(Message message) {
    Map<String, Object> headers = message.headers();
    String correlation = current(CorrelationId.HEADER, headers);
    String trace = current(TraceParent.HEADER, headers);
    boolean addsCorrelation = correlation != null && CorrelationId.isValid(correlation);
    boolean addsTrace = trace != null && TraceParent.parse(trace).isPresent();
    if (!addsCorrelation && !addsTrace) {
      return headers;
    }
    Map<String, Object> more = new LinkedHashMap<>(headers);
    if (addsCorrelation) {
      more.put(CorrelationId.HEADER, correlation);
    }
    if (addsTrace) {
      more.put(TraceParent.HEADER, trace);
    }
    return more;
  }

  private static @Nullable String current(String header, Map<String, Object> headers) {
    return headers.containsKey(header) ? null : MDC.get(header);
  }

  /** Makes those of a delivery the current ones of this thread, until the scope is closed. */
  static Scope enter(Delivery delivery) {
    Scope scope = new Scope(MDC.get(CorrelationId.HEADER), MDC.get(TraceParent.HEADER));
    set(CorrelationId.HEADER, delivery.correlationId().map(CorrelationId::value).orElse(null));
    set(TraceParent.HEADER, delivery.traceParent().map(TraceParent::value).orElse(null));
    return scope;
  }

  private static void set(String header, @Nullable String value) {
    if (value == null) {
      MDC.remove(header);
    } else {
      MDC.put(header, value);
    }
  }

  /**
   * What was current before.
   *
   * @param correlation the id, or null
   * @param trace the trace, or null
   */
  record Scope(@Nullable String correlation, @Nullable String trace) {
    void close() {
      set(CorrelationId.HEADER, correlation);
      set(TraceParent.HEADER, trace);
    }
  }
}
