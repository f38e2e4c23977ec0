// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.TraceParent;
import java.time.Duration;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * What every request gets, whatever it asks: its ids, in the answer and in the log, and one log
 * line. The line shows no query string, header or body.
 */
final class RequestScope extends Handler.Wrapper {
  private static final Logger log = LoggerFactory.getLogger(RequestScope.class);
  private static final String CALL = CallContext.class.getName();

  RequestScope(Handler next) {
    super(next);
  }

  /** The ids of a request that passed here; no caller yet. */
  static CallContext of(Request request) {
    return (CallContext) request.getAttribute(CALL);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    HttpFields headers = request.getHeaders();
    CallContext call =
        CallContext.of(headers.get(CorrelationId.HEADER), headers.get(TraceParent.HEADER));
    String id = call.correlation().value();
    request.setAttribute(CALL, call);
    response.getHeaders().put(CorrelationId.HEADER, id);
    long begin = System.nanoTime();
    Request.addCompletionListener(request, failure -> tell(request, response, id, begin));
    MDC.put(CorrelationId.HEADER, id);
    try {
      return super.handle(request, response, callback);
    } finally {
      MDC.remove(CorrelationId.HEADER);
    }
  }

  private static void tell(Request request, Response response, String id, long begin) {
    String path = Request.getPathInContext(request);
    long millis = Duration.ofNanos(System.nanoTime() - begin).toMillis();
    MDC.put(CorrelationId.HEADER, id);
    try {
      if (path.startsWith("/health/")) {
        log.debug("{} {} {} in {} ms", request.getMethod(), path, response.getStatus(), millis);
      } else {
        log.info("{} {} {} in {} ms", request.getMethod(), path, response.getStatus(), millis);
      }
    } finally {
      MDC.remove(CorrelationId.HEADER);
    }
  }
}
