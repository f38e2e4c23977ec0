// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import com.trackunit.fabric.ingestion.IngestionUnavailableException.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
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
  /** Whether we ended the connection ourselves, and why. */
  enum Cut {
    NONE,
    TIMEOUT,
    DEADLINE,
    CLOSED
  }

  private ConnectionFailures() {}

  /** A failure before the answer's body. */
  static IngestionException translate(CallSite site, IOException e, Watch watch) {
    if (watch.cut() != Cut.NONE) {
      return unavailable(site, e, watch);
    }
    if (e instanceof UploadHosts.RefusedAddressException) {
      return new IngestionProtocolException(
          site.describe("refused: " + e.getMessage() + "; list the host as private if it is"), e);
    }
    if (isCertificate(e)) {
      return new IngestionProtocolException(
          site.describe("the certificate does not prove that this is the host; check the address"),
          e);
    }
    if (e instanceof ProtocolException || (e instanceof SSLException && !connectionEnded(e))) {
      return new IngestionProtocolException(
          site.describe("what listens there does not speak HTTP over TLS as we do; check it"), e);
    }
    return unavailable(site, e, watch);
  }

  /** A failure within the answer's body: whatever it looks like, the rest did not come. */
  static IngestionException translateMidway(CallSite site, IOException e, Watch watch) {
    if (watch.cut() == Cut.NONE && !(e instanceof InterruptedIOException)) {
      return new IngestionUnavailableException(
          site.describe("the connection ended within the answer; try again later"),
          Reason.CONNECTION_LOST,
          e);
    }
    return unavailable(site, e, watch);
  }

  /** The client was closed while the call waited for its next attempt. */
  static IngestionException closed(CallSite site) {
    return new IngestionUnavailableException(
        site.describe(seen(Reason.INTERRUPTED, Cut.CLOSED)), Reason.INTERRUPTED, null);
  }

  private static IngestionException unavailable(CallSite site, IOException e, Watch watch) {
    Cut cut = watch.cut();
    Reason reason = reason(e, cut, watch.isConnected());
    return new IngestionUnavailableException(
        site.describe(seen(reason, cut)) + "; try again later", reason, e);
  }

  private static Reason reason(IOException e, Cut cut, boolean isConnected) {
    if (cut != Cut.NONE) {
      return switch (cut) {
        case TIMEOUT -> Reason.TIMEOUT;
        case DEADLINE -> Reason.DEADLINE;
        default -> Reason.INTERRUPTED;
      };
    }
    if (e instanceof InterruptedIOException) {
      return Thread.currentThread().isInterrupted() ? Reason.INTERRUPTED : Reason.TIMEOUT;
    }
    if (e instanceof UnknownHostException) {
      return Reason.UNKNOWN_NAME;
    }
    boolean hasDialled = !isConnected && causes(e).noneMatch(ConnectionFailures::isRefusal);
    return hasDialled && connectionEnded(e) ? Reason.NODE_AWAY : Reason.CONNECTION_LOST;
  }

  private static String seen(Reason reason, Cut cut) {
    return switch (reason) {
      case TIMEOUT -> "no complete answer in time";
      case DEADLINE -> "no complete answer before the deadline";
      case UNKNOWN_NAME -> "the name is not known (a new funnel's can take hours to be)";
      case NODE_AWAY -> "the connection ended before the TLS handshake: the node is away";
      case INTERRUPTED ->
          (cut == Cut.CLOSED ? "the client was closed" : "interrupted")
              + " before the answer was complete";
      default -> "no connection, or it ended before the answer";
    };
  }

  /** Nobody accepted the connection. */
  private static boolean isRefusal(Throwable cause) {
    return cause instanceof ConnectException || cause instanceof NoRouteToHostException;
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
