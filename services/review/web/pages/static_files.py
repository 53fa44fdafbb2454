"""Serves stylesheet, modules and the allowed package files; their address changes with their content."""

from __future__ import annotations

from fastapi import Request, Response

from services.review.web.pages.routing import HouseDep, pages_router

router = pages_router()
FOR_EVER = "public, max-age=31536000, immutable"


@router.get("/static/{version}/{name:path}")
def send(version: str, name: str, request: Request, house: HouseDep) -> Response:
    """One asset; browsers may keep it for ever when the address holds the present version."""
    assets = house.renderer.assets
    asset = assets.get(name)
    if asset is None:
        return Response("There is no such file.", status_code=404, media_type="text/plain")
    headers = {"Vary": "Accept-Encoding", "Cache-Control": FOR_EVER if version == assets.version else "no-cache"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.zipped, media_type=asset.media_type, headers=headers)
    return Response(asset.plain, media_type=asset.media_type, headers=headers)


@router.get("/favicon.ico")
def icon(house: HouseDep) -> Response:
    """Browsers ask for it by habit."""
    return Response(status_code=301, headers={"Location": house.renderer.assets.address("icon.svg")})
