// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.ingestion;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** Answers both calls at once, over TLS, as HTTP/1.1 or HTTP/2; refuses what is no such call. */
final class UploadServer {
  static final String KEY = "an-internal-access-key-of-forty-letters-";
  static final String UPLOAD_ID = "0b9d8a55-35c9-4f0e-bf0a-6c2f6a4a7d10";

  private static final ByteBuffer START_ANSWER =
      bytes(
          """
          {"uploadId":"%s","key":"images/2026/11/23/9a0c7c0e-6a39-4df2-a9c5-4f0ad4bb1d3c.jpg",\
          "putUrl":"https://photos.s3.eu-west-1.amazonaws.com/images/2026/11/23/\
          9a0c7c0e-6a39-4df2-a9c5-4f0ad4bb1d3c.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256&\
          X-Amz-Credential=AKIAEXAMPLE%%2F20261123%%2Feu-west-1%%2Fs3%%2Faws4_request&\
          X-Amz-Date=20261123T120000Z&X-Amz-Expires=300&X-Amz-SignedHeaders=content-type%%3Bhost&\
          X-Amz-Signature=fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024",\
          "expiresAt":"2026-11-23T12:05:00Z"}"""
              .formatted(UPLOAD_ID));
  private static final ByteBuffer CONFIRM_ANSWER = bytes("{\"status\":\"accepted\"}");

  private UploadServer() {}

  /**
   * Serves until its input ends; tells its port and its certificate first.
   *
   * @param args none
   * @throws Exception if it cannot listen
   */
  public static void main(String[] args) throws Exception {
    HeldCertificate certificate =
        new HeldCertificate.Builder().addSubjectAlternativeName("localhost").build();
    Server server = new Server();
    ServerConnector connector = connector(server, certificate);
    server.addConnector(connector);
    server.setHandler(new Uploads());
    server.start();
    System.out.println(connector.getLocalPort());
    System.out.println(certificate.certificatePem());
    System.exit(drain());
  }

  private static int drain() throws IOException {
    while (System.in.read() >= 0) {
      // Only its end says something: the bench is over, or gone.
    }
    return 0;
  }

  private static ServerConnector connector(Server server, HeldCertificate certificate) {
    SslContextFactory.Server ssl = new SslContextFactory.Server();
    ssl.setSslContext(
        new HandshakeCertificates.Builder().heldCertificate(certificate).build().sslContext());
    HttpConfiguration config = new HttpConfiguration();
    config.addCustomizer(new SecureRequestCustomizer());
    HttpConnectionFactory http1 = new HttpConnectionFactory(config);
    HTTP2ServerConnectionFactory http2 = new HTTP2ServerConnectionFactory(config);
    ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory("h2", "http/1.1");
    alpn.setDefaultProtocol(http1.getProtocol());
    ServerConnector connector =
        new ServerConnector(
            server, 1, 1, new SslConnectionFactory(ssl, alpn.getProtocol()), alpn, http2, http1);
    connector.setHost("127.0.0.1");
    return connector;
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)).asReadOnlyBuffer();
  }

  /** The two calls; each must look as the contract says, or the arms would not be alike. */
  private static final class Uploads extends Handler.Abstract.NonBlocking {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      boolean isStart = request.getHttpURI().getPath().equals("/v1/uploads/start");
      boolean isGood =
          request.getMethod().equals("POST")
              && KEY.equals(request.getHeaders().get("X-Internal-Access"))
              && Arm.CORRELATION_ID.equals(request.getHeaders().get("x-correlation-id"))
              && request.getLength() > 0;
      response.setStatus(!isGood ? 400 : isStart ? 200 : 202);
      response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
      ByteBuffer answer = isStart ? START_ANSWER.slice() : CONFIRM_ANSWER.slice();
      Content.Source.consumeAll(
          request, Callback.from(() -> response.write(true, answer, callback), callback::failed));
      return true;
    }
  }
}
