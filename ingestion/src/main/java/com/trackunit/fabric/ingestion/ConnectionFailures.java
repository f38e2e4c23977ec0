// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ProtocolException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * What a broken connection means. The one distinction that matters: a node that is away (the funnel
 * accepts, then ends the connection before the TLS handshake) is not a bad certificate.
 */
final class ConnectionFailures {
  private ConnectionFailures() {}

  /** A failure before the answer's body. */
  static IngestionException translate(ServiceCall<?> call, IOException e) {
    if (isCertificate(e)) {
      return new IngestionProtocolException(
          call.describe("the certificate does not prove that this is the host; check the address"),
          e);
    }
    if (e instanceof ProtocolException || (e instanceof SSLException && !connectionEnded(e))) {
      return new IngestionProtocolException(
          call.describe("what listens there does not speak HTTP over TLS as we do; check it"), e);
    }
    return unavailable(call, seen(e), e);
  }

  /** A failure within the answer's body: whatever it looks like, the rest did not come. */
  static IngestionException translateMidway(ServiceCall<?> call, IOException e) {
    return unavailable(
        call,
        e instanceof InterruptedIOException ? seen(e) : "the connection ended within the answer",
        e);
  }

  private static IngestionException unavailable(ServiceCall<?> call, String seen, IOException e) {
    return new IngestionUnavailableException(call.describe(seen) + "; try again later", e);
  }

  private static String seen(IOException e) {
    if (e instanceof InterruptedIOException) {
      return Thread.currentThread().isInterrupted()
          ? "interrupted before the answer was complete"
          : "no complete answer in time";
    }
    if (e instanceof UnknownHostException) {
      return "the name is not known (a new funnel's can take hours to be)";
    }
    if (e instanceof SSLException) {
      return "the connection ended before the TLS handshake: the node is away";
    }
    return "no connection, or it ended before the answer";
  }

  private static boolean isCertificate(IOException e) {
    return e instanceof SSLPeerUnverifiedException
        || causes(e).anyMatch(cause -> cause instanceof GeneralSecurityException);
  }

  private static boolean connectionEnded(IOException e) {
    return causes(e)
        .anyMatch(cause -> cause instanceof EOFException || cause instanceof SocketException);
  }

  private static Stream<Throwable> causes(IOException e) {
    return Stream.<@Nullable Throwable>iterate(e, cause -> cause != null, cause -> cause.getCause())
        .map(Throwable.class::cast);
  }
}
