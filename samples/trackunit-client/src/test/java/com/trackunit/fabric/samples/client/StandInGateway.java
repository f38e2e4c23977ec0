// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okhttp3.tls.HandshakeCertificates;
import okio.ByteString;

/**
 * A gateway and an object store on loopback, to be told what to do wrong: answers queued in {@link
 * #http}, {@link #upgrades} and {@link #puts} are given before it behaves.
 */
final class StandInGateway implements AutoCloseable {
  static final String KEY = "images/2026/11/23/9b2f3c51-6d1e-4f0a-8a54-0c2f5d7d9e11.jpg";
  static final String CORRELATION = "c-42";
  private static final String SIGNATURE = "SIGNATURE";

  final Deque<MockResponse> http = new ConcurrentLinkedDeque<>();
  final Deque<MockResponse> upgrades = new ConcurrentLinkedDeque<>();
  final Deque<MockResponse> puts = new ConcurrentLinkedDeque<>();

  /** What a socket does in place of the protocol, one entry a message; else it behaves. */
  final Deque<SocketFault> socketFaults = new ConcurrentLinkedDeque<>();

  final List<RecordedRequest> requests = new CopyOnWriteArrayList<>();
  final List<JsonNode> socketMessages = new CopyOnWriteArrayList<>();
  final MockWebServer graphql = new MockWebServer();
  final MockWebServer store = new MockWebServer();

  volatile String signedHeaders = "content-type;host";
  volatile String completed =
      """
      {"success":true,"objectKey":"%s","correlationId":"c-42","recognitionPayload":{
       "provider":{"name":"vision","apiVersion":null,"featureset":["brand"],"maxResults":null},
       "aggregate":{"brand":"Volvo","type":"excavator","model":"EC220","confidence":0.97,
       "isConfident":true,"typeConfidence":null,"typeSource":null,"name":null}}}"""
          .formatted(KEY);

  private volatile Optional<WebSocket> live = Optional.empty();

  /** Something a peer does on receiving a message. */
  @FunctionalInterface
  interface SocketFault {
    /** True if the message is dealt with, and the protocol should not see it. */
    boolean on(WebSocket socket, JsonNode message);
  }

  StandInGateway(HandshakeCertificates certificates) {
    graphql.setDispatcher(dispatcher(this::gateway));
    store.setDispatcher(dispatcher(this::store));
    store.useHttps(certificates.sslSocketFactory());
    store.setProtocols(List.of(Protocol.HTTP_1_1));
    try {
      graphql.start();
      store.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static OkHttpClient trusting(HandshakeCertificates certificates) {
    return new OkHttpClient.Builder()
        .sslSocketFactory(certificates.sslSocketFactory(), certificates.trustManager())
        .build();
  }

  URI httpUrl() {
    return graphql.url("/graphql").uri();
  }

  URI wsUrl() {
    return URI.create(httpUrl().toString().replaceFirst("^http", "ws"));
  }

  List<RecordedRequest> mutations(String name) {
    return requests.stream()
        .filter(request -> body(request).contains("\"operationName\":\"" + name + "\""))
        .toList();
  }

  static String body(RecordedRequest request) {
    ByteString body = request.getBody();
    return body == null ? "" : body.utf8();
  }

  @Override
  public void close() {
    graphql.close();
    store.close();
  }

  private MockResponse gateway(RecordedRequest request) {
    if ("websocket".equals(request.getHeaders().get("Upgrade"))) {
      MockResponse fault = upgrades.poll();
      return fault != null
          ? fault
          : new MockResponse.Builder()
              .addHeader("Sec-WebSocket-Protocol", "graphql-transport-ws")
              .webSocketUpgrade(new Peer())
              .build();
    }
    MockResponse fault = http.poll();
    if (fault != null) {
      return fault;
    }
    if (body(request).contains("mutation startUpload")) {
      return graphql(
          """
          {"data":{"startUpload":{"correlationId":"c-42","imageUploadPayload":{
          "uploadId":"u-1","key":"%s","putUrl":"%s","expiresAt":"2026-11-23T09:05:00Z"}}}}"""
              .formatted(KEY, putUrl()));
    }
    MockResponse accepted = graphql("{\"data\":{\"confirmUpload\":{\"status\":\"accepted\"}}}");
    live.ifPresent(this::sendEvents);
    return accepted;
  }

  private String putUrl() {
    return store
        .url("/bucket/" + KEY)
        .newBuilder()
        .addQueryParameter("X-Amz-SignedHeaders", signedHeaders)
        .addQueryParameter("X-Amz-Signature", SIGNATURE)
        .build()
        .toString();
  }

  private MockResponse store(RecordedRequest request) {
    MockResponse fault = puts.poll();
    return fault != null ? fault : new MockResponse.Builder().code(200).build();
  }

  private void sendEvents(WebSocket socket) {
    // An event of another photo first: the client must not take it for its own.
    next(socket, "onAnalysisStarted", "{\"objectKey\":\"images/other.jpg\"}");
    next(
        socket,
        "onAnalysisStarted",
        "{\"objectKey\":\"" + KEY + "\",\"correlationId\":\"" + CORRELATION + "\"}");
    next(socket, "onAnalysisCompleted", completed);
  }

  private static void next(WebSocket socket, String field, String event) {
    send(
        socket,
        "{\"id\":\"%s\",\"type\":\"next\",\"payload\":{\"data\":{\"%s\":%s}}}"
            .formatted(field, field, event));
  }

  static void send(WebSocket socket, String message) {
    boolean unused = socket.send(message);
  }

  static MockResponse graphql(String json) {
    return new MockResponse.Builder()
        .addHeader("Content-Type", "application/graphql-response+json")
        .body(json)
        .build();
  }

  private Dispatcher dispatcher(Answer answer) {
    return new Dispatcher() {
      @Override
      public MockResponse dispatch(RecordedRequest request) {
        requests.add(request);
        return answer.to(request);
      }
    };
  }

  @FunctionalInterface
  private interface Answer {
    MockResponse to(RecordedRequest request);
  }

  /** The server's side of graphql-transport-ws. */
  private final class Peer extends WebSocketListener {
    @Override
    public void onMessage(WebSocket socket, String text) {
      JsonNode message = Objects.requireNonNull(Json.object(text), text);
      socketMessages.add(message);
      SocketFault fault = socketFaults.poll();
      if (fault != null && fault.on(socket, message)) {
        return;
      }
      switch (message.path("type").asText()) {
        case "connection_init" -> send(socket, "{\"type\":\"connection_ack\"}");
        case "ping" -> {
          live = Optional.of(socket);
          send(socket, "{\"type\":\"pong\"}");
        }
        default -> {}
      }
    }

    @Override
    public void onClosing(WebSocket socket, int code, String reason) {
      boolean unused = socket.close(1000, null);
    }
  }
}
