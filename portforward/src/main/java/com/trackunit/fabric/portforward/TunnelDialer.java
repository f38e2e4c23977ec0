// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import com.trackunit.fabric.portforward.ApiErrors.Call;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.http.StandardHttpRequest;
import io.fabric8.kubernetes.client.http.WebSocketUpgradeResponse;
import io.fabric8.kubernetes.client.utils.HttpClientUtils;
import java.net.URI;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens WebSockets to {@code pods/portforward}. The headers come from fabric8's own interceptors,
 * so that a token is read, refreshed after a 401 and impersonated as in every other call.
 * Thread-safe.
 */
final class TunnelDialer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TunnelDialer.class);
  private static final Duration GOODBYE = Duration.ofSeconds(5);

  private final String namespace;
  private final Config config;
  private final HttpClients clients;
  private final Duration timeout;
  private final List<Interceptor> interceptors;
  private final Map<Tunnel, CompletableFuture<WebSocket>> opening = new ConcurrentHashMap<>();

  TunnelDialer(String namespace, Config config, HttpClients clients, Duration timeout) {
    this.namespace = namespace;
    this.config = config;
    this.clients = clients;
    this.timeout = timeout;
    this.interceptors =
        List.copyOf(HttpClientUtils.createApplicableInterceptors(config, clients).values());
  }

  /** Collects what interceptors add to a request. */
  private static final class Headers implements BasicBuilder {
    private final Map<String, String> values = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    @Override
    public BasicBuilder uri(URI uri) {
      return this;
    }

    @Override
    public BasicBuilder header(String name, String value) {
      values.put(name, value);
      return this;
    }

    @Override
    public BasicBuilder setHeader(String name, String value) {
      return header(name, value);
    }
  }

  private final class Tags implements Interceptor.RequestTags {
    @Override
    @SuppressWarnings("NullAway") // null is fabric8's word for a tag that is not there
    public <T> T getTag(Class<T> type) {
      Object requestConfig = config.getRequestConfig();
      return type.isInstance(requestConfig) ? type.cast(requestConfig) : null;
    }
  }

  Tunnel dial(Target target, Tunnel.Receiver receiver) {
    Call call = new Call("get", "pods/portforward", target.pod(), namespace);
    try {
      return dial(call, target, receiver);
    } catch (PortForwardException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw ApiErrors.unsendable(call);
    } catch (RuntimeException e) { // an interceptor, such as an exec plugin that fails
      throw ApiErrors.unreachable(call.toString(), e);
    }
  }

  private Tunnel dial(Call call, Target target, Tunnel.Receiver receiver) {
    URI uri =
        URI.create(
            config.getMasterUrl().replaceFirst("/+$", "")
                + "/api/v1/namespaces/"
                + namespace
                + "/pods/"
                + target.pod()
                + "/portforward?ports="
                + target.port());
    Headers headers = new Headers();
    HttpRequest request = request(uri);
    interceptors.forEach(one -> one.before(headers, request, new Tags()));
    try {
      return open(uri, headers, receiver);
    } catch (ExecutionException e) {
      WebSocketHandshakeException refused = refusal(e);
      if (refused == null || !refreshed(headers, request, refused)) {
        throw failure(call, e);
      }
    }
    try {
      return open(uri, headers, receiver);
    } catch (ExecutionException e) {
      throw failure(call, e);
    }
  }

  private static HttpRequest request(URI uri) {
    @SuppressWarnings("NullAway") // a GET has no body
    HttpRequest request = new StandardHttpRequest(Map.of(), uri, "GET", null);
    return request;
  }

  private Tunnel open(URI uri, Headers headers, Tunnel.Receiver receiver)
      throws ExecutionException {
    Tunnel tunnel = new Tunnel(receiver);
    WebSocket.Builder builder =
        clients
            .webSockets()
            .newWebSocketBuilder()
            .subprotocols(Tunnel.SUBPROTOCOL)
            .connectTimeout(timeout);
    headers.values.forEach(builder::header);
    URI webSocketUri = URI.create(uri.toString().replaceFirst("^http", "ws"));
    CompletableFuture<WebSocket> opened = builder.buildAsync(webSocketUri, tunnel);
    opening.put(tunnel, opened);
    CompletableFuture<WebSocket> unused =
        opened.whenComplete((webSocket, failed) -> opening.remove(tunnel));
    try {
      // The JDK's own timeout ends with the TCP connection in some cases; this one always ends.
      opened.get(timeout.toMillis() + 500, TimeUnit.MILLISECONDS);
      return tunnel;
    } catch (TimeoutException e) {
      abandon(opened);
      throw new ExecutionException(e);
    } catch (InterruptedException e) {
      abandon(opened);
      Thread.currentThread().interrupt();
      throw new ExecutionException(e);
    }
  }

  /**
   * Waits for dials under way to end, which those who wanted them have given up: without its
   * threads the JDK's client would keep their sockets open until it is collected.
   */
  @Override
  public void close() {
    try {
      CompletableFuture.allOf(opening.values().toArray(new CompletableFuture<?>[0]))
          .get(GOODBYE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      log.debug("dials under way: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void abandon(CompletableFuture<WebSocket> opened) {
    CompletableFuture<WebSocket> unused =
        opened.whenComplete(
            (late, failed) -> {
              if (late != null) {
                late.abort();
              }
            });
  }

  private boolean refreshed(
      Headers headers, HttpRequest request, WebSocketHandshakeException refused) {
    int status = refused.getResponse().statusCode();
    WebSocketUpgradeResponse response = new WebSocketUpgradeResponse(request, status, Map.of());
    boolean again = false;
    for (Interceptor one : interceptors) {
      again |= one.afterFailure(headers, response, new Tags()).join();
    }
    return again;
  }

  private static @Nullable WebSocketHandshakeException refusal(ExecutionException e) {
    return e.getCause() instanceof WebSocketHandshakeException refused ? refused : null;
  }

  private PortForwardException failure(Call call, ExecutionException e) {
    WebSocketHandshakeException refused = refusal(e);
    if (refused == null) {
      return ApiErrors.unreachable(call.toString(), e);
    }
    Object body = refused.getResponse().body();
    return ApiErrors.of(
        call, refused.getResponse().statusCode(), body == null ? null : body.toString(), refused);
  }
}
