// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import okhttp3.OkHttpClient;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;

/**
 * A TLS server that fails as it is told, byte by byte: it plays one fault a connection, in order,
 * the last one for ever.
 */
final class FaultServer implements AutoCloseable {
  /** What happens on one connection. */
  @FunctionalInterface
  interface Fault {
    void play(Connection connection) throws IOException;
  }

  private final HeldCertificate authority =
      new HeldCertificate.Builder().certificateAuthority(0).build();
  private final SSLSocketFactory good = certified("localhost", Duration.ofDays(1));
  private final SSLSocketFactory misnamed = certified("other.tailnet.ts.net", Duration.ofDays(1));
  private final SSLSocketFactory expired = certified("localhost", Duration.ofHours(-1));
  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final ManualTime time;
  private final List<Fault> script;
  private final AtomicInteger connections = new AtomicInteger();
  private final List<String> heads = new CopyOnWriteArrayList<>();
  private final OkHttpClient http;

  FaultServer(ManualTime time, List<Fault> script) throws IOException {
    this.time = time;
    this.script = List.copyOf(script);
    HandshakeCertificates trust =
        new HandshakeCertificates.Builder().addTrustedCertificate(authority.certificate()).build();
    this.http =
        new OkHttpClient.Builder()
            .sslSocketFactory(trust.sslSocketFactory(), trust.trustManager())
            .build();
    threads.execute(this::accept);
  }

  URI uri() {
    return URI.create("https://localhost:" + listener.getLocalPort());
  }

  OkHttpClient http() {
    return http;
  }

  /** How many connections were made: each is one attempt, for none is used twice. */
  int connections() {
    return connections.get();
  }

  /** The request lines and headers that came. */
  List<String> heads() {
    return heads;
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : open) {
      socket.close();
    }
    threads.shutdown();
    http.connectionPool().evictAll();
    http.dispatcher().executorService().shutdown();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        open.add(socket);
        int number = connections.getAndIncrement();
        Fault fault = script.get(Math.min(number, script.size() - 1));
        threads.execute(() -> play(fault, socket));
      } catch (IOException e) {
        // The test has ended, as the loop sees.
      }
    }
  }

  private void play(Fault fault, Socket socket) {
    try (socket) {
      fault.play(new Connection(socket));
    } catch (IOException e) {
      // The client has gone, which is often the very thing to be seen.
    } finally {
      open.remove(socket);
    }
  }

  private SSLSocketFactory certified(String name, Duration validFor) {
    Instant now = Instant.now();
    HeldCertificate certificate =
        new HeldCertificate.Builder()
            .signedBy(authority)
            .addSubjectAlternativeName(name)
            .validityInterval(
                now.minus(Duration.ofDays(2)).toEpochMilli(), now.plus(validFor).toEpochMilli())
            .build();
    return new HandshakeCertificates.Builder()
        .heldCertificate(certificate)
        .build()
        .sslSocketFactory();
  }

  /** One connection, to be ill-treated. */
  final class Connection {
    private final Socket socket;
    private InputStream in;
    private OutputStream out;

    private Connection(Socket socket) throws IOException {
      this.socket = socket;
      this.in = socket.getInputStream();
      this.out = socket.getOutputStream();
    }

    /** Hears the ClientHello and says nothing. */
    Connection hearClientHello() throws IOException {
      var unused = in.read(new byte[4096]);
      return this;
    }

    Connection handshake() throws IOException {
      return handshake(good);
    }

    Connection handshakeMisnamed() throws IOException {
      return handshake(misnamed);
    }

    Connection handshakeExpired() throws IOException {
      return handshake(expired);
    }

    /** Reads a request's head, and its body as Content-Length says. */
    Connection request() throws IOException {
      return body(head());
    }

    /** Reads a request's head and no further. */
    Connection requestHead() throws IOException {
      head();
      return this;
    }

    Connection say(String text) throws IOException {
      out.write(text.getBytes(StandardCharsets.UTF_8));
      out.flush();
      return this;
    }

    /** A whole answer, after which the connection ends. */
    Connection answer(int status, String headers, String body) throws IOException {
      int length = body.getBytes(StandardCharsets.UTF_8).length;
      return say(
          "HTTP/1.1 "
              + status
              + " x\r\nConnection: close\r\n"
              + headers
              + "Content-Length: "
              + length
              + "\r\n\r\n"
              + body);
    }

    /** Lets time pass. */
    Connection pass(Duration duration) {
      time.advance(duration);
      return this;
    }

    /** Says no more until the client has gone. */
    void fallSilent() throws IOException {
      while (in.read() >= 0) {
        // Whatever it still says is not answered.
      }
    }

    /** Ends the connection with a reset instead of a farewell. */
    void reset() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }

    private Connection handshake(SSLSocketFactory certificate) throws IOException {
      SSLSocket tls = (SSLSocket) certificate.createSocket(socket, null, true);
      tls.setUseClientMode(false);
      tls.startHandshake();
      in = tls.getInputStream();
      out = tls.getOutputStream();
      return this;
    }

    private String head() throws IOException {
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int next = in.read();
        if (next < 0) {
          throw new IOException("the client has gone");
        }
        head.append((char) next);
      }
      heads.add(head.toString());
      return head.toString();
    }

    private Connection body(String head) throws IOException {
      long left =
          head.lines()
              .filter(line -> line.regionMatches(true, 0, "Content-Length:", 0, 15))
              .mapToLong(line -> Long.parseLong(line.substring(15).strip()))
              .findFirst()
              .orElse(0);
      byte[] piece = new byte[64 * 1024];
      while (left > 0) {
        int read = in.read(piece, 0, (int) Math.min(piece.length, left));
        if (read < 0) {
          throw new IOException("the client has gone");
        }
        left -= read;
      }
      return this;
    }
  }
}
