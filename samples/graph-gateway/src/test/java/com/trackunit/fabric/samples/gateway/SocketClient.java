// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A WebSocket client that shows everything on the wire: messages, pings and the close code. */
final class SocketClient implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  final BlockingQueue<JsonNode> messages = new LinkedBlockingQueue<>();
  final AtomicInteger pings = new AtomicInteger();
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private final WebSocket socket;

  private SocketClient(WebSocket.Builder builder, URI uri) {
    socket = builder.buildAsync(uri, new Listener()).join();
  }

  static SocketClient open(
      HttpClient http, URI uri, @Nullable String token, String... subprotocols) {
    WebSocket.Builder builder = http.newWebSocketBuilder().connectTimeout(PATIENCE);
    if (token != null) {
      builder.header("Authorization", "Bearer " + token);
    }
    if (subprotocols.length > 0) {
      builder.subprotocols(subprotocols[0]);
    }
    return new SocketClient(builder, uri);
  }

  /** The status with which an upgrade is refused. */
  static int refusal(HttpClient http, URI uri, @Nullable String token) {
    try {
      open(http, uri, token, GraphqlSocket.SUBPROTOCOL).close();
      return 101;
    } catch (CompletionException e) {
      if (e.getCause() instanceof WebSocketHandshakeException refused) {
        return refused.getResponse().statusCode();
      }
      throw e;
    }
  }

  void send(String text) {
    socket.sendText(text, true).join();
  }

  void sendBinary(byte[] bytes) {
    socket.sendBinary(ByteBuffer.wrap(bytes), true).join();
  }

  void subscribe(String id, String query) {
    send(Json.write(Map.of("type", "subscribe", "id", id, "payload", Map.of("query", query))));
  }

  void complete(String id) {
    send(Json.write(Map.of("type", "complete", "id", id)));
  }

  /** The next message, which has to be of this type. */
  JsonNode expect(String type) {
    try {
      JsonNode message = messages.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      assertThat(message).as("a message of type " + type).isNotNull();
      assertThat(message.path("type").asText()).as(message.toString()).isEqualTo(type);
      return message;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  int closeCode() {
    return closed.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
  }

  boolean isOpen() {
    return !closed.isDone();
  }

  @Override
  public void close() {
    socket.abort();
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder partial = new StringBuilder();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      partial.append(data);
      if (last) {
        messages.add(Json.read(partial.toString(), "a message"));
        partial.setLength(0);
      }
      from.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onPing(WebSocket from, ByteBuffer message) {
      pings.incrementAndGet();
      from.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      closed.complete(code);
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      closed.completeExceptionally(error);
    }
  }
}
