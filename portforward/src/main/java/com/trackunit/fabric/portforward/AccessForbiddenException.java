// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

/** RBAC refuses a verb on a resource; the Role in the guide grants all that is needed. */
public final class AccessForbiddenException extends PortForwardException {
  private static final long serialVersionUID = 1L;

  private final String verb;
  private final String resource;

  AccessForbiddenException(String verb, String resource, String message, Throwable cause) {
    super(Reason.FORBIDDEN, message, cause);
    this.verb = verb;
    this.resource = resource;
  }

  /**
   * The verb that is missing.
   *
   * @return such as {@code create}
   */
  public String verb() {
    return verb;
  }

  /**
   * The resource that it is missing on.
   *
   * @return such as {@code pods/portforward}
   */
  public String resource() {
    return resource;
  }
}
