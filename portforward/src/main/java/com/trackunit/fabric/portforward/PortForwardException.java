// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import com.trackunit.fabric.core.FabricException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The port-forward cannot be set up, or cannot reach a pod now; {@link #reason} says why. */
public class PortForwardException extends FabricException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  PortForwardException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = Objects.requireNonNull(reason, "reason");
  }

  /** Why it failed. */
  public enum Reason {
    /** The cluster has no such namespace. */
    NO_SUCH_NAMESPACE(false),
    /** The namespace has no such Service. */
    NO_SUCH_SERVICE(false),
    /** The Service has no such port. */
    NO_SUCH_PORT(false),
    /** No pod behind the Service is ready, or none has the target port. */
    NO_READY_POD(true),
    /** RBAC refuses a verb; see {@link AccessForbiddenException}. */
    FORBIDDEN(false),
    /** The API server does not take the credentials. */
    UNAUTHORIZED(false),
    /** The kubeconfig switches TLS verification off, or uses no TLS, and the caller did not ask. */
    INSECURE(false),
    /** There is no usable kubeconfig or service account. */
    NO_CLUSTER(false),
    /** The API server is away, or the link to the pod breaks. */
    UNREACHABLE(true),
    /** The pod's port answers, but not with the protocol that the probe speaks. */
    WRONG_PROTOCOL(true);

    private final boolean retryable;

    Reason(boolean retryable) {
      this.retryable = retryable;
    }
  }

  /**
   * Why it failed.
   *
   * @return never null
   */
  public Reason reason() {
    return reason;
  }

  /**
   * {@inheritDoc}
   *
   * @return true for {@link Reason#NO_READY_POD}, {@link Reason#UNREACHABLE} and {@link
   *     Reason#WRONG_PROTOCOL} (a pod that is just starting)
   */
  @Override
  public boolean isRetryable() {
    return reason.retryable;
  }
}
