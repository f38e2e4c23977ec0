// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import java.time.Clock;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.server.ServerUpgradeRequest;
import org.eclipse.jetty.websocket.server.ServerUpgradeResponse;
import org.eclipse.jetty.websocket.server.WebSocketCreator;
import org.jspecify.annotations.Nullable;

/**
 * {@code /graphql} as a WebSocket: decides at the upgrade who gets one. A valid token is needed,
 * whatever will be asked; its scope is asked for by each operation.
 */
final class SocketEndpoint implements WebSocketCreator {
  private final GraphqlEngine engine;
  private final BearerTokens tokens;
  private final SocketLimits limits;
  private final SocketClock clock;

  SocketEndpoint(
      GraphqlEngine engine, BearerTokens tokens, SocketLimits limits, SocketClock clock) {
    this.engine = engine;
    this.tokens = tokens;
    this.limits = limits;
    this.clock = clock;
  }

  /**
   * The times that sockets go by.
   *
   * @param wall tells when a token has expired
   * @param timers runs what is due; tasks are short
   */
  record SocketClock(Clock wall, ScheduledExecutorService timers) {}

  @Override
  public @Nullable Object createWebSocket(
      ServerUpgradeRequest request, ServerUpgradeResponse response, Callback callback) {
    try {
      Caller caller = tokens.caller(request.getHeaders().getValuesList(HttpHeader.AUTHORIZATION));
      if (caller == null) {
        throw Refusal.noToken();
      }
      // The validator allows for skewed clocks; a socket that has to close at once is no use.
      if (!clock.wall().instant().isBefore(caller.expiresAt())) {
        throw Refusal.challenge(
            401, "UNAUTHENTICATED", "the token has expired", "Bearer error=\"invalid_token\"");
      }
      // No compression: its buffers cost every idle socket memory, and answers are small.
      response.setExtensions(List.of());
      boolean isOurs = request.hasSubProtocol(GraphqlSocket.SUBPROTOCOL);
      if (isOurs) {
        response.setAcceptedSubProtocol(GraphqlSocket.SUBPROTOCOL);
      }
      CallContext call = RequestScope.of(request).by(caller);
      return isOurs
          ? new GraphqlSocket(engine, tokens, limits, clock, call)
          : new GraphqlSocket.Refused();
    } catch (Refusal refusal) {
      Answers.refuse(refusal, Answers.JSON, response, callback);
      return null;
    }
  }
}
