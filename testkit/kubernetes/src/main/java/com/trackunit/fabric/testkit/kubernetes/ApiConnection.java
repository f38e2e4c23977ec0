// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.kubernetes;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;

/** One TLS connection of a client: requests one after the other, or a WebSocket. */
final class ApiConnection implements Closeable {
  private final SSLSocket socket;
  private final InputStream in;
  private final OutputStream out;

  ApiConnection(SSLSocket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream(), 64 << 10);
    this.out = new BufferedOutputStream(socket.getOutputStream(), 64 << 10);
  }

  InputStream in() {
    return in;
  }

  /** The common name of the client's certificate; empty without one. */
  String certificateName() {
    try {
      Principal subject = socket.getSession().getPeerPrincipal();
      return subject.getName().replaceFirst(".*CN=([^,]*).*", "$1");
    } catch (SSLPeerUnverifiedException none) {
      return "";
    }
  }

  void answer(int status, Object json) throws IOException {
    byte[] body = Json.line(json);
    head(status, "Content-Type: application/json", "Content-Length: " + body.length);
    out.write(body);
    out.flush();
  }

  void beginChunks() throws IOException {
    head(200, "Content-Type: application/json", "Transfer-Encoding: chunked");
    out.flush();
  }

  /** One chunk (RFC 9112, section 7.1); an empty one is the end. */
  void chunk(byte[] bytes) throws IOException {
    out.write((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
    out.write(bytes);
    out.write(new byte[] {'\r', '\n'});
    out.flush();
  }

  WebSocketWire upgrade(ApiRequest request, String subprotocol) throws IOException {
    String key =
        "Sec-WebSocket-Accept: " + WebSocketWire.accept(request.header("sec-websocket-key"));
    if (subprotocol.isEmpty()) {
      head(101, "Upgrade: websocket", "Connection: Upgrade", key);
    } else {
      head(
          101,
          "Upgrade: websocket",
          "Connection: Upgrade",
          key,
          "Sec-WebSocket-Protocol: " + subprotocol);
    }
    out.flush();
    return new WebSocketWire(in, out);
  }

  private void head(int status, String... headers) throws IOException {
    StringBuilder head = new StringBuilder("HTTP/1.1 ").append(status).append(" -\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    out.write(head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
  }

  /** Breaks off without a word (TCP RST), as a node that dies does. */
  void reset() {
    try {
      socket.setSoLinger(true, 0);
    } catch (SocketException closedAlready) {
      // There is nobody left to be told.
    }
    close();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // Nothing is to be done about a socket that does not close.
    }
  }
}
